/* SPDX-License-Identifier: GPL-2.0-only */
/* Version differences: shrinkers. */
#ifndef XENPV_COMPAT_SHRINKER_H
#define XENPV_COMPAT_SHRINKER_H

#include <linux/shrinker.h>
#include <linux/slab.h>
#include <compat/generated.h>

/**
 * xpv_shrinker_register() - register a shrinker
 * @count: as count_objects of struct shrinker
 * @scan:  as scan_objects of struct shrinker
 * @name:  name in debugfs
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
	shrinker_register(s);
#else
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = DEFAULT_SEEKS;
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
