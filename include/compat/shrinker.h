/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: shrinkers. */
#ifndef XENPV_COMPAT_SHRINKER_H
#define XENPV_COMPAT_SHRINKER_H

#include <linux/shrinker.h>
#include <linux/slab.h>
#include <compat/generated.h>

/* Objects in a call: pools of some dozen pages are worth it. */
#define XPV_SHRINKER_BATCH	32

/**
 * xpv_shrinker_register() - register a shrinker
 * @count: as count_objects of struct shrinker
 * @scan:  as scan_objects of struct shrinker
 * @name:  name in debugfs
 *
 * The objects are pages kept for speed, which can be made again without I/O, so
 * the shrinker has no seeks: whenever memory is reclaimed the kernel asks it for
 * half of them. With the default number of seeks it asks for a 2000th part at
 * first, which is nothing of a pool of some hundred pages.
 *
 * Return: the shrinker, or NULL.
 * Context: process.
 */
static inline struct shrinker *
xpv_shrinker_register(unsigned long (*count)(struct shrinker *,
					     struct shrink_control *),
		      unsigned long (*scan)(struct shrinker *,
					    struct shrink_control *),
		      const char *name)
{
	struct shrinker *s;

#ifdef XPV_HAVE_SHRINKER_ALLOC
	s = shrinker_alloc(0, "%s", name);
	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = 0;
	s->batch = XPV_SHRINKER_BATCH;
	shrinker_register(s);
#else
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = 0;
	s->batch = XPV_SHRINKER_BATCH;
	if (register_shrinker(s, "%s", name)) {
		kfree(s);
		return NULL;
	}
#endif
	return s;
}

/**
 * xpv_shrinker_unregister() - unregister and free a shrinker
 * @s: from xpv_shrinker_register()
 */
static inline void xpv_shrinker_unregister(struct shrinker *s)
{
#ifdef XPV_HAVE_SHRINKER_ALLOC
	shrinker_free(s);
#else
	unregister_shrinker(s);
	kfree(s);
#endif
}

#endif
