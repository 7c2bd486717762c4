// SPDX-License-Identifier: GPL-2.0-only
/* A place: a directory of the store where a device is, or may be soon. */
#include <linux/slab.h>
#include "bus.h"

static void xenbus_place_free(struct kref *refs)
{
	struct xenbus_place *place = container_of(refs, struct xenbus_place,
						  refs);

	xs_lane_put(place->lane);
	kfree(place);
}

void xenbus_place_put(struct xenbus_place *place)
{
	kref_put(&place->refs, xenbus_place_free);
}

/* The driver core has released a device, as its last step. */
void xenbus_place_released(struct xenbus_place *place)
{
	struct xenbus_bus *bus = place->bus;

	xenbus_place_put(place);
	mutex_lock(&bus->lock);
	bus->devices--;
	wake_up_all(&bus->idle);
	mutex_unlock(&bus->lock);
}
