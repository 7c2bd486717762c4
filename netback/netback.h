/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-netback: a device, its queues.
 *
 * "tx" is what the guest transmits and we receive, "rx" is what it receives, as
 * in the protocol and the in-tree driver. Each queue has a NAPI instance for
 * either direction, and only that instance uses the direction's ring.
 */
#ifndef NETBACK_H
#define NETBACK_H

#include <linux/etherdevice.h>
#include <linux/llist.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/timer.h>
#include <linux/u64_stats_sync.h>
#include <compat/page_pool.h>
#include <compat/xenbus.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/dir.h>
#include <xenpv/gather.h>
#include <xenpv/grant.h>
#include <xenpv/machine.h>
#include <xenpv/netif_skb.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "credit.h"
#include "hash.h"
#include "parse.h"

struct netback_dev;
struct netback_queue;

/* A grant covers one page; nothing here splits pages. */
static_assert(PAGE_SIZE == XEN_PAGE_SIZE);

#define NETBACK_QUEUES_MAX	64	/* maximum of parameter max_queues */
#define NETBACK_RING		XPV_NETIF_RING_ENTRIES

/* Guest transmit: packets and copy operations of one round. */
#define NETBACK_TX_BATCH	NAPI_POLL_WEIGHT
#define NETBACK_TX_OPS		512
/* Maximum copy operations of one packet: a slot may be copied to two places. */
#define NETBACK_TX_PKT_OPS	(2 * NETBACK_SLOTS + 2)
/*
 * Packets up to this size are copied into one linear buffer, which does not
 * cross a page because it is aligned to its size of 2 KiB.
 */
#define NETBACK_LINEAR_BUF	2048
#define NETBACK_LINEAR_MAX	SKB_WITH_OVERHEAD(NETBACK_LINEAR_BUF - \
						  NET_SKB_PAD)
/* Smaller packets get a smaller buffer, and so does the head of longer ones. */
#define NETBACK_HEAD		256

/*
 * Entries of the table of static grants. A queue has about as many references,
 * which are often consecutive.
 */
#define NETBACK_NEAR		1024

/* Guest receive: copy operations of one hypercall. */
#define NETBACK_RX_OPS		256
#define NETBACK_RX_FLUSH	128
/* Maximum ranges of our memory in a packet; each may be copied to two slots. */
#define NETBACK_RX_PIECES	96
static_assert(NETBACK_RX_FLUSH + NETBACK_RX_PIECES + XPV_NETIF_SLOTS_MIN <=
	      NETBACK_RX_OPS);
/*
 * Limit of the headroom for XDP: with more, a packet of 64 KiB would take too
 * many slots.
 */
#define NETBACK_XDP_MAX		448
static_assert((XPV_NETIF_MAX_PACKET + ETH_HLEN) /
	      (XEN_PAGE_SIZE - NETBACK_XDP_MAX) < XPV_NETIF_SLOTS_MIN);
/*
 * Bytes that may wait in a queue before the stack is stopped, some thousands of
 * small packets, so that a burst of them does not need the qdisc.
 */
#define NETBACK_RX_HIGH		(NETBACK_RING * XEN_PAGE_SIZE)
#define NETBACK_RX_LOW		(NETBACK_RX_HIGH / 2)
/* Bytes added to each packet's size, for its overhead. */
#define NETBACK_RX_EACH		256
/* Maximum slots of a packet, with its extra infos. */
#define NETBACK_RX_SLOTS	(XPV_NETIF_SLOTS_MIN + 3)

/*
 * Limit of successive checks of a ring that promises work and has none; an
 * index that only moves forward never causes one.
 */
#define NETBACK_MAX_VAIN	64

/*
 * Statistics; the names are in stats.c. Each has one writer: tx NAPI, rx NAPI,
 * or the holder of the transmit lock.
 */
enum netback_stat {
	NETBACK_TX_PACKETS,
	NETBACK_TX_BYTES,
	NETBACK_TX_SLOTS,
	NETBACK_TX_EXTRAS,
	NETBACK_TX_RESPONSES,
	NETBACK_TX_ERRORS,
	NETBACK_TX_NO_MEMORY,
	NETBACK_TX_THROTTLED,
	NETBACK_TX_EVENTS,
	NETBACK_TX_IDLE_EVENTS,
	NETBACK_TX_NOTIFIED,
	NETBACK_TX_UNNOTIFIED,
	NETBACK_TX_POLLS,
	NETBACK_TX_BATCHES,
	NETBACK_TX_COPY_CALLS,
	NETBACK_TX_COPY_OPS,
	NETBACK_TX_COPY_FAILED,
	NETBACK_TX_COPY_BYTES,
	NETBACK_TX_STATIC_COPIES,
	NETBACK_TX_STATIC_BYTES,
	NETBACK_TX_MAP_CALLS,
	NETBACK_TX_MAP_OPS,
	NETBACK_TX_MAP_FAILED,
	NETBACK_TX_UNMAP_CALLS,
	NETBACK_TX_UNMAP_OPS,
	NETBACK_TX_UNMAP_FAILED,
	NETBACK_TX_ZC_SENT,
	NETBACK_TX_ZC_SUCCESS,
	NETBACK_TX_ZC_FAIL,
	NETBACK_TX_FRAG_OVERFLOW,
	NETBACK_TX_GSO,
	NETBACK_TX_CSUM_BLANK,
	NETBACK_TX_CSUM_FIXUP,
	NETBACK_TX_MCAST,
	NETBACK_TX_STATS,

	NETBACK_RX_PACKETS = NETBACK_TX_STATS,
	NETBACK_RX_BYTES,
	NETBACK_RX_SLOTS_USED,
	NETBACK_RX_EXTRAS,
	NETBACK_RX_ERRORS,
	NETBACK_RX_EVENTS,
	NETBACK_RX_IDLE_EVENTS,
	NETBACK_RX_NOTIFIED,
	NETBACK_RX_UNNOTIFIED,
	NETBACK_RX_POLLS,
	NETBACK_RX_COPY_CALLS,
	NETBACK_RX_COPY_OPS,
	NETBACK_RX_COPY_FAILED,
	NETBACK_RX_COPY_BYTES,
	NETBACK_RX_COPY_FOREIGN,
	NETBACK_RX_COPY_BOUNCED,
	NETBACK_RX_STATIC_COPIES,
	NETBACK_RX_STATIC_BYTES,
	NETBACK_RX_WAITS,
	NETBACK_RX_DRAINED,
	NETBACK_RX_STALLS,
	NETBACK_RX_GSO,
	NETBACK_RX_ORPHANED,
	NETBACK_RX_WAKES,
	NETBACK_RX_STATS,

	NETBACK_XMIT_DROPPED = NETBACK_RX_STATS,
	NETBACK_XMIT_FILTERED,
	NETBACK_XMIT_STOPPED,
	NETBACK_STATS,
};

/**
 * struct netback_stats - the counters of one queue, over all connections
 * @tx_sync:   protects those up to NETBACK_TX_STATS
 * @rx_sync:   protects those up to NETBACK_RX_STATS
 * @xmit_sync: protects the rest
 * @val:       the counters
 */
struct netback_stats {
	struct u64_stats_sync tx_sync;
	struct u64_stats_sync rx_sync;
	struct u64_stats_sync xmit_sync;
	u64_stats_t val[NETBACK_STATS];
} ____cacheline_aligned_in_smp;

/* Directions that still have to handle an event. */
#define NETBACK_OWE_TX	1
#define NETBACK_OWE_RX	2

/**
 * struct netback_event - an event channel of a queue
 * @ev:    the channel
 * @queue: its queue
 * @wakes: NETBACK_OWE_*: directions that use it
 * @owe:   directions that have not handled the last event yet, see
 *         netback_event_answer()
 * @fired: number of events so far
 * @name:  name in /proc/interrupts
 */
struct netback_event {
	struct xpv_event ev;
	struct netback_queue *queue;
	unsigned int wakes;
	atomic_t owe;
	unsigned long fired;
	char name[IFNAMSIZ + 8];
};

/**
 * struct netback_pkt - a packet of the round
 * @chain:        its slots
 * @skb:          the skb built from it
 * @op:           index of its first copy operation
 * @nr_ops:       number of copy operations
 * @nr_static:    number of copies from static grants
 * @static_bytes: bytes of those
 * @map:          index of its first map operation
 * @nr_maps:      number of map operations
 * @zc:           bit n: piece n is mapped, and answered later
 * @zc_head:      first of its mapped slots
 */
struct netback_pkt {
	struct netback_chain chain;
	struct sk_buff *skb;
	u16 op;
	u16 nr_ops;
	u16 nr_static;
	u32 static_bytes;
	u16 map;
	u16 nr_maps;
	u32 zc;
	u16 zc_head;
};

/**
 * struct netback_tx_batch - work space for one round of guest transmit
 * @nr:       number of packets
 * @nr_copy:  number of copy operations
 * @nr_map:   number of map operations
 * @pkt:      packets
 * @copy:     copy operations
 * @map:      map operations
 * @map_page: pages of the map operations
 * @map_slot: slots of the map operations in struct netback_zc
 */
struct netback_tx_batch {
	unsigned int nr;
	unsigned int nr_copy;
	unsigned int nr_map;
	struct netback_pkt pkt[NETBACK_TX_BATCH];
	struct gnttab_copy copy[NETBACK_TX_OPS];
	struct gnttab_map_grant_ref map[NETBACK_RING];
	struct page *map_page[NETBACK_RING];
	u16 map_slot[NETBACK_RING];
};

/* The index of no slot. */
#define NETBACK_NO_SLOT		0xffff

/**
 * struct netback_zc_slot - a page of the guest that an skb uses
 * @ubuf:   of the packet, in its first slot
 * @done:   entry in @zc->done when the packet is no longer used
 * @zc:     the queue's zerocopy state
 * @page:   page that it is mapped to, NULL if lost
 * @handle: handle of the mapping
 * @id:     id for the response
 * @next:   next slot of the packet, or next free slot
 * @mapped: @handle is valid
 * @copied: the data was copied, so the mapping was useless
 * @status: status for the response
 */
struct netback_zc_slot {
	struct ubuf_info ubuf;
	struct llist_node done;
	struct netback_zc *zc;
	struct page *page;
	grant_handle_t handle;
	u16 id;
	u16 next;
	bool mapped;
	bool copied;
	s8 status;
};

/**
 * struct netback_zc - the mapped pages of a queue; may outlive it
 * @queue:      the queue, NULL after its end
 * @done:       packets no longer used
 * @work:       unmaps them when there is no queue, and frees everything
 * @free:       first free slot
 * @busy:       slots in use
 * @lost:       pages that could not be unmapped
 * @hold:       large packets to copy before mapping is tried again
 * @backoff:    last initial value of @hold
 * @slot:       slots
 * @pages:      their pages, as allocated
 * @unmap:      work space
 * @unmap_page: work space
 * @unmap_slot: work space
 */
struct netback_zc {
	struct netback_queue __rcu *queue;
	struct llist_head done;
	struct work_struct work;
	u16 free;
	unsigned int busy;
	unsigned int lost;
	unsigned int hold;
	unsigned int backoff;
	struct netback_zc_slot slot[NETBACK_RING];
	struct page *pages[NETBACK_RING];
	struct gnttab_unmap_grant_ref unmap[NETBACK_RING];
	struct page *unmap_page[NETBACK_RING];
	u16 unmap_slot[NETBACK_RING];
};

/**
 * struct netback_static - a static grant: a page of the guest that stays mapped
 * @gref:   its grant
 * @page:   page that it is mapped to
 * @handle: handle of the mapping
 * @flags:  GNTMAP_* flags of the mapping
 * @next:   next one of a list to unmap
 */
struct netback_static {
	u32 gref;
	struct page *page;
	grant_handle_t handle;
	u32 flags;
	struct netback_static *next;
};

/* A receive slot before it is published: a response or an extra info. */
union netback_rx_slot {
	struct xpv_netif_rx_rsp rsp;
	struct xpv_netif_extra extra;
};

/**
 * struct netback_rx_batch - work space for one hypercall of guest receive
 * @nr_ops: number of copy operations
 * @nr:     number of slots
 * @copy:   copy operations
 * @owner:  slot of each copy operation
 * @from:   source page of each operation that copies from another guest's page
 * @slot:   slots
 * @sent:   packets in the slots
 */
struct netback_rx_batch {
	unsigned int nr_ops;
	unsigned int nr;
	struct gnttab_copy copy[NETBACK_RX_OPS];
	u16 owner[NETBACK_RX_OPS];
	struct page *from[NETBACK_RX_OPS];
	union netback_rx_slot slot[NETBACK_RING];
	struct sk_buff_head sent;
};

/**
 * struct netback_queue - a pair of rings
 * @be:           device
 * @index:        number of the queue
 * @stats:        counters
 * @event:        event channels; the second one only if they are split
 * @tx_event:     event channel for guest transmit
 * @rx_event:     event channel for guest receive
 * @tx_napi:      serves guest transmit
 * @tx:           private half of the transmit ring
 * @tx_shared:    its shared page
 * @tx_seen:      events seen
 * @tx_worked:    there was work since the last EOI
 * @throttled:    out of credit: the timer continues
 * @credit:       the timer
 * @credit_limit: number of the limit that it waits for
 * @credit_due:   when its next packet may be sent in any case, 0: it does not
 *                wait
 * @pool:         pages for data of large packets
 * @gather:       pools for packets coalesced from static grants
 * @statics:      static grants, by reference
 * @nr_statics:   number of static grants
 * @near:         lookup table of static grants, by the low bits of the
 *                reference
 * @zc:           mapped pages
 * @tb:           work space
 * @rx_napi:      serves guest receive
 * @rx:           private half of the receive ring
 * @rx_shared:    its shared page
 * @rx_seen:      events seen
 * @rx_worked:    there was work since the last EOI
 * @rx_prod:      the guest's highest index that came with an event
 * @backlog:      packets to send, oldest first
 * @waiting:      the first of them needs more slots than there are
 * @stalled:      @waiting has lasted too long
 * @wait_since:   when @waiting was set, jiffies
 * @timer:        handles a wait that lasts too long
 * @in:           packets from the stack
 * @in_bytes:     weight of the packets in @in and @backlog; under @in.lock
 * @rb:           work space
 */
struct netback_queue {
	struct netback_dev *be;
	unsigned int index;
	struct netback_stats *stats;
	struct netback_event event[2];
	struct netback_event *tx_event;
	struct netback_event *rx_event;

	struct napi_struct tx_napi ____cacheline_aligned_in_smp;
	struct xpv_ring tx;
	struct xpv_shared tx_shared;
	unsigned long tx_seen;
	bool tx_worked;
	bool throttled;
	struct timer_list credit;
	unsigned int credit_limit;
	u64 credit_due;
	struct page_pool *pool;
	struct xpv_gather_pool gather;
	struct xarray statics;
	unsigned int nr_statics;
	struct netback_static *near[NETBACK_NEAR];
	struct netback_zc *zc;

	struct napi_struct rx_napi ____cacheline_aligned_in_smp;
	struct xpv_ring rx;
	struct xpv_shared rx_shared;
	unsigned long rx_seen;
	bool rx_worked;
	u32 rx_prod;
	struct sk_buff_head backlog;
	bool waiting;
	bool stalled;
	unsigned long wait_since;
	struct timer_list timer;

	struct sk_buff_head in ____cacheline_aligned_in_smp;
	unsigned int in_bytes;

	struct netback_tx_batch tb;
	struct netback_rx_batch rb;
};

/**
 * struct netback_queues - the queues of a connection
 * @nr: number of queues
 * @q:  the queues
 */
struct netback_queues {
	unsigned int nr;
	struct netback_queue *q[];
};

/**
 * struct netback_ctrl_ring - the control ring
 * @ring:     private half; not connected if its page is not mapped
 * @shared:   shared page
 * @ev:       event channel
 * @work:     serves the ring
 * @fired:    an event came for which no EOI was sent yet
 * @stopped:  the frontend's index was impossible
 * @page:     private page for keys and mappings
 * @state:    what the frontend has set up
 * @requests: number of messages
 * @refused:  number of refused messages
 */
struct netback_ctrl_ring {
	struct xpv_ring ring;
	struct xpv_shared shared;
	struct xpv_event ev;
	struct work_struct work;
	bool fired;
	bool stopped;
	void *page;
	struct netback_hash state;
	u64 requests;
	u64 refused;
};

/* The part of the control ring's state that the data path reads. */
struct netback_steer {
	struct rcu_head rcu;
	struct netback_hash hash;
};

/**
 * struct netback_credit - rate limit of what a guest transmits
 * @lock:    protects the other members, and @credit_limit and @credit_due of
 *           the queues
 * @bucket:  its @usecs are 0 without a limit
 * @changes: number of changes of the limit
 */
struct netback_credit {
	spinlock_t lock;
	struct netback_bucket bucket;
	unsigned int changes;
};

/* The device and queue of a debugfs file. */
struct netback_ring_file {
	struct netback_dev *be;
	unsigned int index;
};

/**
 * struct netback_dev - a backend device
 * @xdev:         device on the xenbus; we hold a reference
 * @otherend:     the frontend's directory; a copy that outlives the one in
 *                @xdev
 * @domid:        the frontend's domain
 * @handle:       number of the interface
 * @machine:      state machine
 * @shortage:     waits for room to map the rings
 * @dir:          watch of its directory
 * @violations:   violation counts
 * @debug:        directory in debugfs
 * @rings:        arguments of the debugfs files io_ring_q*
 * @mcast_watch:  watch of the frontend's request-multicast-control
 * @kept:         the frontend still uses the rings of an earlier backend
 * @again:        the script has already run, for an earlier or for a later
 *                interface
 * @tries:        attempts to create the interface by its name
 * @bury:         destroys the device when its directory has vanished
 * @buried:       queues of its last connection, still to be freed
 * @patience:     time limit of a connection that ends, jiffies
 * @net:          interface, NULL before InitWait
 * @max_queues:   number of queues offered
 * @stats:        counters of each queue
 * @queues:       queues of the connection, NULL without one; changed under RTNL
 * @up:           the queues are being served; under RTNL
 * @disabled:     the frontend is hostile or broken
 * @stalled:      number of stalled queues
 * @mac:          the guest's address
 * @mtu:          the interface's MTU before a frontend without @sg came, or 0
 * @sg:           the frontend accepts packets of several slots
 * @gso4:         the frontend accepts large packets of TCP over IPv4
 * @gso6:         the frontend accepts large packets of TCP over IPv6
 * @csum4:        the frontend accepts blank checksums of IPv4
 * @csum6:        the frontend accepts blank checksums of IPv6
 * @rx_notify:    the frontend sends an event when it has posted buffers
 * @xdp_headroom: bytes to leave free before received data
 * @rate_changed: the key "rate" was written
 * @carrier:      what we told the frontend: 0, 1, or -1: nothing
 * @tell_carrier: @carrier may have to be announced
 * @limit:        rate limit
 * @filter:       multicast packets must match @mcast
 * @mcast:        list of addresses
 * @nr_mcast:     number of addresses
 * @mcast_lock:   protects changes of the list
 * @ctrl:         control ring
 * @steer:        the frontend's hash, NULL if it wants none
 */
struct netback_dev {
	struct xenbus_device *xdev;
	char *otherend;
	domid_t domid;
	unsigned int handle;
	struct xpv_machine machine;
	struct xpv_shortage shortage;
	struct xpv_dir dir;
	struct xpv_violations violations;
	struct dentry *debug;
	struct netback_ring_file *rings;
	struct xenbus_watch mcast_watch;
	bool kept;
	bool again;
	unsigned int tries;
	struct work_struct bury;
	struct netback_queues *buried;
	unsigned long patience;
	struct net_device *net;
	unsigned int max_queues;
	struct netback_stats *stats;

	struct netback_queues __rcu *queues;
	bool up;
	bool disabled;
	atomic_t stalled;

	u8 mac[ETH_ALEN];
	int mtu;
	bool sg;
	bool gso4;
	bool gso6;
	bool csum4;
	bool csum6;
	bool rx_notify;
	unsigned int xdp_headroom;
	bool rate_changed;
	int carrier;
	bool tell_carrier;

	struct netback_credit limit;
	bool filter;
	struct list_head mcast;
	unsigned int nr_mcast;
	spinlock_t mcast_lock;
	struct netback_ctrl_ring ctrl;
	struct netback_steer __rcu *steer;
};

/* The netdev_priv() of an interface. */
struct netback_priv {
	struct netback_dev *be;
};

static inline struct netback_dev *netback_of(const struct net_device *net)
{
	return ((struct netback_priv *)netdev_priv(net))->be;
}

/* For the tx NAPI. */
static inline void netback_count_tx(struct netback_queue *q,
				    enum netback_stat what, u64 nr)
{
	u64_stats_update_begin(&q->stats->tx_sync);
	u64_stats_add(&q->stats->val[what], nr);
	u64_stats_update_end(&q->stats->tx_sync);
}

/* For the rx NAPI. */
static inline void netback_count_rx(struct netback_queue *q,
				    enum netback_stat what, u64 nr)
{
	u64_stats_update_begin(&q->stats->rx_sync);
	u64_stats_add(&q->stats->val[what], nr);
	u64_stats_update_end(&q->stats->rx_sync);
}

/* For ndo_start_xmit(). */
static inline void netback_count_xmit(struct netback_stats *s,
				      enum netback_stat what)
{
	u64_stats_update_begin(&s->xmit_sync);
	u64_stats_inc(&s->val[what]);
	u64_stats_update_end(&s->xmit_sync);
}

struct netback_static *netback_static_look(struct netback_queue *q, u32 gref);

/**
 * netback_static_find() - find the mapping of a static grant
 * @q:     queue
 * @gref:  reference of the grant
 * @write: write access is needed
 *
 * Return: address of the page, which the frontend may write at any time; NULL
 * if it is no static grant, or does not allow the access.
 * Context: NAPI; the address is valid until the end of the poll.
 */
static inline void *netback_static_find(struct netback_queue *q, u32 gref,
					bool write)
{
	struct netback_static *s = READ_ONCE(q->near[gref % NETBACK_NEAR]);

	if (unlikely(!s || s->gref != gref))
		s = netback_static_look(q, gref);
	if (!s || (write && s->flags & GNTMAP_readonly))
		return NULL;
	return (void *)xpv_grant_addr(s->page);
}

/* main.c */
extern bool netback_separate_irq;
extern unsigned int netback_rx_drain_ms;
extern unsigned int netback_rx_stall_ms;
extern unsigned int netback_max_queues;
extern unsigned int netback_fatal_slots;
extern unsigned int netback_hash_cache;
extern unsigned int netback_tx_copy_max;
extern unsigned int netback_max_static_grants;
extern unsigned int netback_max_static_total;
extern bool netback_provides_xdp;
extern struct dentry *netback_debug_root;
extern struct workqueue_struct *netback_wq;
extern struct xpv_sites netback_sites;

/* device.c */
int netback_device_register(void);
void netback_device_unregister(void);

/* hotplug.c */
int netback_hotplug_uevent(xpv_uevent_dev *dev, struct kobj_uevent_env *env);
int netback_hotplug_create(struct netback_dev *be);
void netback_hotplug_forget(struct netback_dev *be);
bool netback_hotplug_is_done(struct netback_dev *be);

/* keep.c */
void netback_keep_save(struct netback_dev *be);
void netback_keep_restore(struct netback_dev *be, struct net_device *net);

/* connect.c */
int netback_connect(struct netback_dev *be);
struct netback_queues *netback_connect_detach(struct netback_dev *be);
void netback_connect_free(struct netback_dev *be, struct netback_queues *qs);
void netback_disconnect(struct netback_dev *be);
bool netback_connect_is_stale(struct netback_dev *be);
void netback_connect_headroom(struct netback_dev *be);
void netback_connect_filter(struct netback_dev *be);

/* vif.c */
extern const struct net_device_ops netback_vif_ops;
struct net_device *netback_vif_create(struct netback_dev *be);
void netback_vif_start(struct netback_dev *be, struct netback_queues *qs);
void netback_vif_stop(struct netback_dev *be);
void netback_vif_disable(struct netback_dev *be,
			 const struct netback_fault *fault);
bool netback_vif_vain(struct netback_queue *q, unsigned int vain);
void netback_vif_announce(struct netback_dev *be);

/* queue.c */
struct netback_queue *netback_queue_open(struct netback_dev *be,
					 unsigned int index, u32 tx_ref,
					 u32 rx_ref, evtchn_port_t tx_port,
					 evtchn_port_t rx_port);
void netback_queue_up(struct netback_queue *q);
void netback_queue_down(struct netback_queue *q);
void netback_queue_close(struct netback_queue *q);
void netback_queue_kick(struct netback_queue *q);
void netback_event_answer(struct netback_event *e, unsigned int who,
			  bool worked);

/* transmit.c */
int netback_tx_poll(struct napi_struct *napi, int budget);
void netback_tx_respond(struct netback_queue *q, u16 id, int status);
void netback_tx_publish(struct netback_queue *q);

/* packet.c */
bool netback_packet_prepare(struct netback_queue *q, struct netback_pkt *pkt);
int netback_packet_finish(struct netback_queue *q, struct netback_pkt *pkt);
void netback_packet_deliver(struct netback_queue *q, struct sk_buff *skb,
			    struct list_head *list);

/* copy.c */
void netback_copy(struct gnttab_copy *op, unsigned int nr);
bool netback_copy_bounced(struct gnttab_copy *op, struct page *page);

/* zerocopy.c */
struct netback_zc *netback_zc_open(struct netback_queue *q);
void netback_zc_close(struct netback_queue *q);
bool netback_zc_wanted(struct netback_queue *q, const struct netback_chain *c);
void netback_zc_add(struct netback_queue *q, struct netback_pkt *pkt,
		    unsigned int piece);
int netback_zc_attach(struct netback_queue *q, struct netback_pkt *pkt, int err);
bool netback_zc_reap(struct netback_queue *q);
void netback_zc_exit(void);

/* receive.c */
netdev_tx_t netback_rx_xmit(struct sk_buff *skb, struct net_device *net);
int netback_rx_poll(struct napi_struct *napi, int budget);
void netback_rx_timer(struct timer_list *t);
void netback_rx_purge(struct netback_queue *q);

/* steer.c */
bool netback_steer_hash(struct netback_dev *be, struct sk_buff *skb, u8 *type,
			u32 *hash);
u16 netback_steer_select(struct net_device *net, struct sk_buff *skb,
			 struct net_device *sb);

/* credit.c */
u64 netback_credit_take(struct netback_queue *q, unsigned int len);
bool netback_credit_waits(struct netback_queue *q);
void netback_credit_read(struct netback_dev *be);
void netback_credit_timer(struct timer_list *t);

/* mcast.c */
int netback_mcast_message(struct netback_queue *q,
			  const struct netback_chain *c);
bool netback_mcast_passes(struct netback_dev *be, const struct sk_buff *skb);
void netback_mcast_reset(struct netback_dev *be);

/* static.c */
/* Entries of a list, which is one page. */
#define NETBACK_STATIC_LIST	(XEN_PAGE_SIZE / sizeof(struct xpv_netif_gref))
u32 netback_static_limit(void);
u32 netback_static_room(const struct netback_queue *q);
u32 netback_static_message(struct netback_queue *q, u16 type,
			   struct xpv_netif_gref *list, u32 nr, u32 *data);
void netback_static_close(struct netback_queue *q);

/* ctrl.c */
int netback_ctrl_open(struct netback_dev *be, u32 ref, evtchn_port_t port);
void netback_ctrl_close(struct netback_dev *be);
void netback_ctrl_init(struct netback_dev *be);

/* stats.c */
extern const char *const netback_stat_names[NETBACK_STATS];
void netback_stats_read(struct netback_stats *s, u64 *val);
void netback_stats_rtnl(struct net_device *net,
			struct rtnl_link_stats64 *total);
void netback_stats_attach(struct net_device *net);

/* ethtool.c */
extern const struct ethtool_ops netback_ethtool_ops;

/* debugfs.c */
void netback_debugfs_add(struct netback_dev *be);

#endif
