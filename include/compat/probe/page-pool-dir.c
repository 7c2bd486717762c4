// SPDX-License-Identifier: GPL-2.0-only
/* 6.6: <net/page_pool.h> became a directory. */
#include <net/page_pool/helpers.h>
