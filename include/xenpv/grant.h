/* SPDX-License-Identifier: GPL-2.0-only */
/* The seam: grant tables. */
#ifndef XENPV_GRANT_H
#define XENPV_GRANT_H

#include <xenpv/xenbus.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#endif
