/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private header of xen-netfront.
 *
 * The netdev outlives its connections. Its queues exist as long as it does; a
 * queue that is not up drops the packets it gets.
 *
 * Locks, in this order: RTNL; machine.act, which serialises connecting,
 * disconnecting, the control ring and everything else that follows a change of
 * state; the lock of a transmit queue, under which requests are produced.
 * Responses of both directions are only consumed by the queue's NAPI, or under
 * machine.act when NAPI is disabled. An action of the machine never takes RTNL,
 * because its holder may wait for the machine.
 */
#ifndef NETFRONT_H
#define NETFRONT_H

#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/xdp.h>
#include <compat/page_pool.h>
#include <xenpv/channel.h>
#include <xenpv/debug.h>
#include <xenpv/gather.h>
#include <xenpv/machine.h>
#include <xenpv/netif_skb.h>
#include <xenpv/park.h>
#include <xenpv/ring.h>
#include <xenpv/shortage.h>
#include <xenpv/violation.h>
#include "parse.h"

/* Kernels with larger pages would need several grants per page. */
static_assert(PAGE_SIZE == XPV_NETIF_PAGE_BYTES);
/* The code uses page_address() on every page. */
static_assert(!IS_ENABLED(CONFIG_HIGHMEM));

#define NETFRONT_SLOTS		XPV_NETIF_RING_ENTRIES
/*
 * Maximum slots of a packet, including extra infos, of which GSO is the only
 * one.
 */
#define NETFRONT_TX_MOST	(XPV_NETIF_SLOTS_MIN + 1)
/* References of a queue: its slots, its rings, its cells. */
#define NETFRONT_QUEUE_REFS	(2 * NETFRONT_SLOTS + 2 + NETFRONT_CELL_PAGES)
/* Up to so many bytes are copied and not granted. */
#define NETFRONT_CELL		256
#define NETFRONT_CELLS		(PAGE_SIZE / NETFRONT_CELL)
#define NETFRONT_CELL_PAGES	(NETFRONT_SLOTS / NETFRONT_CELLS)
#define NETFRONT_COPY_BREAK	256

/* An XDP program needs the packet within one page. */
#define NETFRONT_XDP_ROOM						\
	(PAGE_SIZE - XDP_PACKET_HEADROOM -				\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define NETFRONT_XDP_MTU	(NETFRONT_XDP_ROOM - ETH_HLEN - 4)

/*
 * How long RTNL's holder waits for a new connection, and a closed connection
 * for the backend to notice that.
 */
#define NETFRONT_AGAIN_WAIT	10000	/* ms */
/* Limit of unrevoked pages per device, 32 MiB. */
#define NETFRONT_MAX_HELD	8192

/* Sites where a backend's value is refused. */
enum netfront_site {
	NETFRONT_TX_PROD,
	NETFRONT_TX_ID,
	NETFRONT_TX_IDLE,
	NETFRONT_TX_NULL,
	NETFRONT_TX_STATUS,
	NETFRONT_RX_PROD,
	NETFRONT_RX_RANGE,
	NETFRONT_RX_SLOTS,
	NETFRONT_RX_EXTRA,
	NETFRONT_RX_STATUS,
	NETFRONT_RX_FRAME,
	NETFRONT_RING_RACE,
	NETFRONT_CTRL_PROD,
	NETFRONT_CTRL_RSP,
	NETFRONT_CTRL_SILENT,
	NETFRONT_GRANT_HELD,
	NETFRONT_BAD_KEY,
};

/*
 * Counters of a queue, grouped by writer: the producer of transmit requests,
 * under the lock of the queue, or NAPI. `ethtool -S` shows them by these names.
 */
#define NETFRONT_TX_COUNTERS(X)						\
	X(packets) X(bytes) X(slots) X(gso) X(csum_blank) X(dropped)	\
	X(copied_packets) X(bounced_packets) X(static_packets)		\
	X(copied_bytes) X(grants) X(stops)				\
	X(notify_sent) X(notify_suppressed)				\
	X(timeouts) X(xdp_tx) X(xdp_xmit) X(xdp_full)

#define NETFRONT_RX_COUNTERS(X)						\
	X(packets) X(bytes) X(slots) X(gso) X(csum_blank) X(hashed)	\
	X(copied_packets) X(static_copies) X(copied_bytes)		\
	X(errors) X(dropped) X(no_memory) X(grants) X(revoked)				\
	X(notify_sent) X(notify_suppressed)				\
	X(xdp_pass) X(xdp_drop) X(xdp_redirect) X(xdp_aborted)

/* Written by NAPI, about transmitted packets and about NAPI itself. */
#define NETFRONT_NAPI_COUNTERS(X)					\
	X(responses) X(errors) X(refused) X(revoked) X(wakes)		\
	X(events) X(events_without_work) X(polls)

#define NETFRONT_X(name)	NETFRONT_TX_##name,
enum netfront_tx_counter {
	NETFRONT_TX_COUNTERS(NETFRONT_X)
	NETFRONT_NR_TX
};

#undef NETFRONT_X
#define NETFRONT_X(name)	NETFRONT_RX_##name,
enum netfront_rx_counter {
	NETFRONT_RX_COUNTERS(NETFRONT_X)
	NETFRONT_NR_RX
};

#undef NETFRONT_X
#define NETFRONT_X(name)	NETFRONT_NAPI_##name,
enum netfront_napi_counter {
	NETFRONT_NAPI_COUNTERS(NETFRONT_X)
	NETFRONT_NR_NAPI
};

#undef NETFRONT_X

/* What a transmit request's id belongs to. */
enum netfront_kind {
	NETFRONT_FREE,
	NETFRONT_SKB,
	NETFRONT_FRAME,		/* an xdp_frame */
	NETFRONT_NOTHING,	/* copied data, or a message to the backend */
};

/**
 * struct netfront_sent_id - private record of a transmit request
 * @owner: skb or xdp_frame that it belongs to
 * @pos:   its position among all requests ever; a response before that position
 *         was published is invalid
 * @kind:  enum netfront_kind; if it is free, a response with this id is invalid
 * @lent:  its reference grants a page of @owner
 * @mcast: it changes the backend's list of multicast addresses
 */
struct netfront_sent_id {
	void *owner;
	u32 pos;
	u8 kind;
	bool lent;
	bool mcast;
};

/**
 * struct netfront_tx - state of the producer of transmit requests
 * @half:   private half; @cons is a copy of the consumer's, perhaps outdated
 * @head:   number of ids ever taken
 * @extras: number of slots ever used for extra infos
 * @look:   timer that looks for responses while the transmit queue is stopped
 * @count:  counters, by enum netfront_tx_counter
 * @sync:   protects @count
 * @ids:    free ids, a queue: taken at @head, returned at @tail
 */
struct netfront_tx {
	struct xpv_ring half;
	u32 head;
	u32 extras;
	struct timer_list look;
	struct u64_stats_sync sync;
	u64_stats_t count[NETFRONT_NR_TX];
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_take - state of the consumer of transmit responses
 * @half:   private half; only @cons is used, released after the ids are
 *          returned
 * @tail:   number of ids ever returned, including the initial ones
 * @extras: number of responses ever seen for extra infos
 * @work:   number of responses ever taken
 * @stuck:  @half.cons at the last call of the watchdog
 */
struct netfront_take {
	struct xpv_ring half;
	u32 tail;
	u32 extras;
	u32 work;
	u32 stuck;
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_rx - state of the receive ring
 * @half:   requests and responses, both used by NAPI only
 * @chain:  packet that is being assembled
 * @pool:   page pool
 * @gather: pools for coalesced packets
 * @page:   by slot: granted page; NULL if the slot has to be refilled
 * @ref:    by slot: grant reference
 * @fixed:  pages stay granted, and received data is copied
 * @info:   for XDP
 * @timer:  tries again after a shortage of memory
 * @work:   number of responses ever taken
 */
struct netfront_rx {
	struct xpv_ring half;
	struct netfront_chain chain;
	struct page_pool *pool;
	struct xpv_gather_pool gather;
	struct page *page[NETFRONT_SLOTS];
	grant_ref_t ref[NETFRONT_SLOTS];
	bool fixed;
	struct xdp_rxq_info info;
	struct timer_list timer;
	u32 work;
} ____cacheline_aligned_in_smp;

/* Bits of netfront_queue.events */
enum {
	NETFRONT_TX_EVENT = BIT(0),	/* no EOI sent yet */
	NETFRONT_RX_EVENT = BIT(1),	/* no EOI sent yet */
	/* a coming poll handles the events and their work */
	NETFRONT_POLL = BIT(2),
};

/**
 * struct netfront_queue - a pair of rings; it outlives connections
 * @nf:       device
 * @index:    number in the store and in the netdev
 * @up:       requests may be produced; under the lock of the transmit queue
 * @polling:  NAPI is enabled
 * @broken:   the backend violated the protocol; no response is read and no EOI
 *            is sent any more
 * @bounce:   copy all data, because the backend is not trusted with pages of
 *            skbs
 * @fixed:    copy all data, to pages that the backend keeps mapped
 * @napi:     consumes responses of both rings
 * @tx:       state of the producer
 * @take:     state of the consumer
 * @rx:       state of the receive ring, used by NAPI
 * @ids:      free ids
 * @sent:     records, by id
 * @ref:      references, by id, for pages of skbs; @copy may use them instead
 * @cells:    small buffers, by id, persistently granted
 * @cell_ref: references of @cells
 * @copy:     our own pages, by id, allocated at first use, persistently granted
 * @copy_ref: references of @copy
 * @tx_ring:  shared pages
 * @rx_ring:  shared pages
 * @tx_event: the only event channel, if they are not split
 * @rx_event: event channel for received packets, if they are split
 * @events:   NETFRONT_TX_EVENT, NETFRONT_RX_EVENT, NETFRONT_POLL
 * @tx_seen:  @take.work at the last EOI of @tx_event
 * @rx_seen:  @rx.work at the last EOI of the receive channel
 * @vain:     successive polls without work although the ring's index promised
 *            some
 * @tx_name:  name of the interrupt
 * @rx_name:  name of the interrupt
 * @sync:     protects the counters below
 * @rx_count: counters, by enum netfront_rx_counter
 * @count:    counters, by enum netfront_napi_counter
 * @fixups:   GSO packets whose checksum was not blank
 */
struct netfront_queue {
	struct netfront_dev *nf;
	unsigned int index;
	bool up;
	bool polling;
	bool broken;
	bool bounce;
	bool fixed;
	struct napi_struct napi;
	struct netfront_tx tx;
	struct netfront_take take;
	struct netfront_rx rx;

	u16 ids[NETFRONT_SLOTS];
	struct netfront_sent_id sent[NETFRONT_SLOTS];
	grant_ref_t ref[NETFRONT_SLOTS];
	struct page *cells[NETFRONT_CELL_PAGES];
	grant_ref_t cell_ref[NETFRONT_CELL_PAGES];
	struct page *copy[NETFRONT_SLOTS];
	grant_ref_t copy_ref[NETFRONT_SLOTS];

	struct xpv_shared tx_ring;
	struct xpv_shared rx_ring;
	struct xpv_event tx_event;
	struct xpv_event rx_event;
	atomic_t events;
	u32 tx_seen;
	u32 rx_seen;
	u32 vain;
	char tx_name[24];
	char rx_name[24];

	struct u64_stats_sync sync;
	u64_stats_t rx_count[NETFRONT_NR_RX];
	u64_stats_t count[NETFRONT_NR_NAPI];
	u64_stats_t fixups;
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_ctrl - the control ring; one request at a time
 * @up:     connected
 * @broken: not used any more until the next connection
 * @ring:   shared page
 * @event:  event channel
 * @lock:   protects the fields below
 * @half:   private half
 * @open:   @req waits for its response
 * @req:    the request
 * @result: enum netfront_ctrl_result
 * @data:   data of the response
 * @done:   completed when the response has come
 * @name:   name of the interrupt
 */
struct netfront_ctrl {
	bool up;
	bool broken;
	struct xpv_shared ring;
	struct xpv_event event;
	spinlock_t lock;
	struct xpv_ring half;
	bool open;
	struct xpv_netif_ctrl_req req;
	enum netfront_ctrl_result result;
	u32 data;
	struct completion done;
	char name[24];
};

/**
 * struct netfront_rss - how the backend shall distribute packets to queues
 * @on:    hashing is wanted
 * @types: hash types, bits 1 << XPV_NETIF_HASH_*
 * @can:   hash types that this backend supports
 * @size:  entries of the table; 0: this backend has none
 * @set:   the user chose @table; otherwise it is distributed evenly
 * @table: maps a hash to a queue
 * @key:   key of the Toeplitz hash
 */
struct netfront_rss {
	bool on;
	u32 types;
	u32 can;
	u32 size;
	bool set;
	u32 table[NETFRONT_MAX_MAPPING];
	u8 key[NETFRONT_KEY_BYTES];
};

#define NETFRONT_MAX_MCAST	60	/* Linux's backend allows 64 */
/**
 * struct netfront_mcast - the backend's list of multicast addresses
 * @on:      the backend filters by it
 * @failed:  the backend refused an address: do not filter
 * @known:   addresses in the list, @nr of them
 * @nr:      number of addresses
 * @answers: responses that are outstanding
 * @work:    updates the list
 */
struct netfront_mcast {
	bool on;
	bool failed;
	u8 known[NETFRONT_MAX_MCAST][ETH_ALEN];
	unsigned int nr;
	atomic_t answers;
	struct delayed_work work;
};

/**
 * struct netfront_outage - outages of the backend
 * @since:    start of the current one; 0: there is a backend
 * @before:   packets dropped before the current one
 * @attempts: failed connections in the current one
 * @count:    number of outages
 * @longest:  duration of the longest one, ms
 * @dropped:  packets dropped in all outages
 */
struct netfront_outage {
	ktime_t since;
	u64 before;
	unsigned int attempts;
	unsigned int count;
	s64 longest;
	u64 dropped;
};

/**
 * struct netfront_carrier - the carrier as told to user space
 * @kept:   the carrier stays on, though there is no usable connection yet;
 *          without a connection the transmit queues are stopped
 * @flap:   the carrier is off for a moment, though there is a connection
 * @moved:  the network is another one, and user space was not told yet
 * @domid:  backend of the last connection; DOMID_INVALID: not known
 * @bridge: bridge of that backend; empty: not known
 * @until:  end of @kept or @flap, in jiffies
 * @work:   ends @kept or @flap
 *
 * Under machine.act.
 */
struct netfront_carrier {
	bool kept;
	bool flap;
	bool moved;
	domid_t domid;
	char bridge[32];
	unsigned long until;
	struct delayed_work work;
};

/**
 * struct netfront_dev - a device, private data of its netdev
 * @dev:          device on the bus
 * @netdev:       network device
 * @machine:      state machine
 * @shortage:     waits for grant references to connect with
 * @violations:   violations of its backend
 * @debug:        directory in debugfs
 * @max_queues:   capacity of @queues
 * @nr_queues:    queues in use
 * @asked_queues: queues that this connection would have with enough references
 * @want_queues:  limit of queues set by `ethtool -L`
 * @queues:       @max_queues queues
 * @speed:        speed of the link as set by ethtool
 * @duplex:       duplex of the link as set by ethtool
 * @facts:        features of this backend
 * @headroom:     space before received packets, as told to the backend
 * @bounce:       the backend is not trusted with pages of skbs
 * @linked:       rings are connected
 * @again:        closed in order to reconnect
 * @dead:         will not be connected any more
 * @broken:       a queue is broken; the state machine must close the connection
 * @stuck:        a queue makes no progress; the state machine must reconnect
 * @hung:         closed because of that, and the backend has not reacted yet
 * @lost:         the backend's directory vanished without an orderly close
 * @leaving:      the toolstack is removing the device
 * @parked:       detached; @dev is the previous device
 * @registered:   @netdev is registered
 * @link_up:      the backend's carrier
 * @applied:      the netdev has been told of this connection
 * @links:        number of connections so far
 * @wait:         wait queue for a change of @links
 * @apply_work:   tells the netdev
 * @announce:     notifies the neighbours
 * @want_xdp:     the next connection shall suit XDP
 * @for_xdp:      this connection suits XDP
 * @prog:         XDP program
 * @ctrl:         control ring
 * @rss:          hash settings
 * @mcast:        multicast filter
 * @statics:      static grants: pages that the backend keeps mapped
 * @held:         number of unrevoked pages, see held.c
 * @outage:       outages
 * @carrier:      see carrier.c
 * @watch:        watch of the backend's carrier, if there is one
 * @own:          detects another instance in our directory
 * @parking:      used by park.c
 * @place:        used by park.c: "DEVPATH_OLD=..." or NULL
 */
struct netfront_dev {
	struct xenbus_device *dev;
	struct net_device *netdev;
	struct xpv_machine machine;
	struct xpv_shortage shortage;
	struct xpv_violations violations;
	struct dentry *debug;

	unsigned int max_queues;
	unsigned int nr_queues;
	unsigned int asked_queues;
	unsigned int want_queues;
	struct netfront_queue *queues;
	u32 speed;
	u8 duplex;
	struct netfront_facts facts;
	unsigned int headroom;
	bool bounce;

	bool linked;
	bool again;
	bool dead;
	bool broken;
	bool stuck;
	bool hung;
	bool lost;
	bool leaving;
	bool parked;
	bool registered;
	bool link_up;
	bool applied;
	unsigned int links;
	wait_queue_head_t wait;
	struct work_struct apply_work;
	struct delayed_work announce;

	bool want_xdp;
	bool for_xdp;
	struct bpf_prog __rcu *prog;
	struct netfront_ctrl ctrl;
	struct netfront_rss rss;
	struct netfront_mcast mcast;
	unsigned int statics;
	atomic_t held;
	struct netfront_outage outage;
	struct netfront_carrier carrier;
	struct xenbus_watch watch;
	struct xpv_own own;
	struct xpv_parked parking;
	char *place;
};

/* Stored in skb->cb while the backend has the packet. */
struct netfront_cb {
	u32 left;	/* requests without a response */
};

static inline struct netfront_cb *netfront_cb(struct sk_buff *skb)
{
	return (struct netfront_cb *)skb->cb;
}

static inline struct netdev_queue *netfront_txq(struct netfront_queue *q)
{
	return netdev_get_tx_queue(q->nf->netdev, q->index);
}

static inline void netfront_count_tx(struct netfront_queue *q,
				     enum netfront_tx_counter what, u64 n)
{
	u64_stats_update_begin(&q->tx.sync);
	u64_stats_add(&q->tx.count[what], n);
	u64_stats_update_end(&q->tx.sync);
}

static inline void netfront_count_rx(struct netfront_queue *q,
				     enum netfront_rx_counter what, u64 n)
{
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->rx_count[what], n);
	u64_stats_update_end(&q->sync);
}

static inline void netfront_count(struct netfront_queue *q,
				  enum netfront_napi_counter what, u64 n)
{
	u64_stats_update_begin(&q->sync);
	u64_stats_add(&q->count[what], n);
	u64_stats_update_end(&q->sync);
}

/* main.c */
extern struct workqueue_struct *netfront_wq;
extern struct dentry *netfront_debug;
extern struct xpv_sites netfront_sites;
extern unsigned int netfront_max_queues;
extern unsigned int netfront_reconnect_timeout;
extern unsigned int netfront_carrier_delay;
extern bool netfront_trusted;
extern bool netfront_static_grants;

/* device.c */
extern struct xenbus_driver netfront_driver;
extern struct xpv_dirs netfront_dirs;
void netfront_destroy(struct netfront_dev *nf);

/* park.c */
bool netfront_park_wanted(struct netfront_dev *nf,
			  const struct xpv_own_fate *fate);
bool netfront_park(struct netfront_dev *nf);
struct netfront_dev *netfront_adopt(struct xenbus_device *dev);
void netfront_park_exit(void);

/* outage.c */
void netfront_outage_begin(struct netfront_dev *nf, const char *why);
void netfront_outage_end(struct netfront_dev *nf);
void netfront_outage_fail(struct netfront_dev *nf);

/* states.c */
extern const struct xpv_rule netfront_rules[];
void netfront_expired(struct xpv_machine *m);
void netfront_closed(struct netfront_dev *nf);
void netfront_broken(struct netfront_dev *nf);
int netfront_renegotiate(struct netfront_dev *nf);

/* features.c */
int netfront_gather_facts(struct netfront_dev *nf);
bool netfront_outdated(struct netfront_dev *nf);
bool netfront_gather_carrier(struct netfront_dev *nf);
u32 netfront_gather_mtu(struct netfront_dev *nf);
int netfront_gather_mac(struct netfront_dev *nf, u8 *mac);
int netfront_read_mac(struct xenbus_device *dev, u8 *mac);
bool netfront_backend_online(struct netfront_dev *nf);
bool netfront_backend_there(struct netfront_dev *nf);
bool netfront_backend_lost(struct netfront_dev *nf);

/* connect.c */
int netfront_publish(struct netfront_dev *nf);
void netfront_link(struct netfront_dev *nf);
void netfront_hold(struct netfront_dev *nf);
void netfront_disconnect(struct netfront_dev *nf);

/* carrier.c */
void netfront_carrier_init(struct netfront_dev *nf);
void netfront_carrier_hold(struct netfront_dev *nf);
void netfront_carrier_off(struct netfront_dev *nf);
void netfront_carrier_update(struct netfront_dev *nf);
void netfront_carrier_place(struct netfront_dev *nf);
bool netfront_carrier_moved(struct netfront_dev *nf);
void netfront_carrier_tell(struct netfront_dev *nf);

/* netdev.c */
extern const struct net_device_ops netfront_netdev_ops;
void netfront_netdev_setup(struct netfront_dev *nf);
void netfront_apply(struct netfront_dev *nf);
void netfront_apply_work(struct work_struct *work);
void netfront_announce(struct work_struct *work);
void netfront_update_mtu(struct netfront_dev *nf);

/* queue.c */
void netfront_queue_init(struct netfront_queue *q, struct netfront_dev *nf,
			 unsigned int index);
int netfront_queue_open(struct netfront_queue *q);
void netfront_queue_start(struct netfront_queue *q);
void netfront_queue_hold(struct netfront_queue *q);
void netfront_queue_close(struct netfront_queue *q);
void netfront_queue_break(struct netfront_queue *q, enum netfront_site site,
			  u64 value, u64 bound);
int netfront_poll(struct napi_struct *napi, int budget);
void netfront_poke(struct netfront_queue *q);

/* tx.c */
void netfront_tx_look(struct timer_list *timer);
netdev_tx_t netfront_xmit(struct sk_buff *skb, struct net_device *netdev);
bool netfront_tx_room(struct netfront_queue *q, unsigned int slots);
void netfront_tx_push(struct netfront_queue *q);
bool netfront_tx_frame(struct netfront_queue *q, struct xdp_frame *frame);
bool netfront_tx_mcast(struct netfront_queue *q, bool add, const u8 *addr);

/* done.c */
unsigned int netfront_tx_done(struct netfront_queue *q, int budget);
bool netfront_tx_arm(struct netfront_queue *q);
void netfront_tx_collect(struct netfront_queue *q);

/* buffer.c */
int netfront_buffer_open(struct netfront_queue *q);
void *netfront_buffer_cell(struct netfront_queue *q, u16 id, grant_ref_t *ref,
			   u16 *offset);
void *netfront_buffer_copy(struct netfront_queue *q, u16 id, grant_ref_t *ref);
int netfront_buffer_fill(struct netfront_queue *q);
void netfront_buffer_unfill(struct netfront_queue *q);
void netfront_buffer_close(struct netfront_queue *q);

/* rx.c */
void netfront_rx_timer(struct timer_list *timer);
int netfront_rx_open(struct netfront_queue *q);
struct page *netfront_rx_page(struct netfront_queue *q);
void netfront_rx_refill(struct netfront_queue *q);
void netfront_rx_push(struct netfront_queue *q);
unsigned int netfront_rx_poll(struct netfront_queue *q, int budget);
bool netfront_rx_arm(struct netfront_queue *q);
struct page *netfront_rx_take(struct netfront_queue *q, unsigned int slot,
			      unsigned int offset, unsigned int len);
void netfront_rx_close(struct netfront_queue *q);

/* packet.c */
void *netfront_packet_piece(struct netfront_queue *q,
			    const struct netfront_piece *p);
struct sk_buff *netfront_packet_alloc(struct netfront_queue *q,
				      unsigned int len);
struct sk_buff *netfront_packet_skb(struct netfront_queue *q);
void netfront_packet_deliver(struct netfront_queue *q, struct sk_buff *skb,
			     unsigned int len);

/* gather.c */
bool netfront_gather_wanted(struct netfront_queue *q);
struct sk_buff *netfront_gather_skb(struct netfront_queue *q);

/* xdp.c */
enum netfront_xdp_done {
	NETFRONT_XDP_FLUSH = 1,	/* xdp_do_flush() is due */
	NETFRONT_XDP_PUSH = 2,	/* requests were produced */
};

unsigned int netfront_xdp_packet(struct netfront_queue *q,
				 struct bpf_prog *prog);
void netfront_xdp_finish(struct netfront_queue *q, unsigned int done);
int netfront_bpf(struct net_device *netdev, struct netdev_bpf *bpf);
int netfront_xdp_xmit(struct net_device *netdev, int n,
		      struct xdp_frame **frames, u32 flags);

/* held.c */
void netfront_hold_page(struct netfront_dev *nf, grant_ref_t ref,
			struct page *page);
void netfront_hold_owner(struct netfront_dev *nf, grant_ref_t ref,
			 enum netfront_kind kind, void *owner);
unsigned int netfront_owner_put(enum netfront_kind kind, void *owner);
void netfront_held_forget(struct netfront_dev *nf);
void netfront_held_exit(void);

/* ctrl.c */
int netfront_ctrl_open(struct netfront_dev *nf);
void netfront_ctrl_close(struct netfront_dev *nf);
int netfront_ctrl_call(struct netfront_dev *nf, u16 type, const u32 *args,
		       u32 *data);
int netfront_ctrl_call_page(struct netfront_dev *nf, u16 type,
			    const void *bytes, size_t len, u32 *args,
			    unsigned int at);

/* static.c */
void netfront_static_link(struct netfront_dev *nf);

/* rss.c */
void netfront_rss_init(struct netfront_dev *nf);
void netfront_rss_link(struct netfront_dev *nf);
int netfront_rss_program(struct netfront_dev *nf);
void netfront_rss_spread(struct netfront_dev *nf, u32 *table);

/* mcast.c */
void netfront_mcast_init(struct netfront_dev *nf);
void netfront_mcast_link(struct netfront_dev *nf);
void netfront_mcast_answer(struct netfront_dev *nf, bool okay);
void netfront_set_rx_mode(struct net_device *netdev);

/* ethtool.c, rxfh.c */
extern const struct ethtool_ops netfront_ethtool_ops;
int netfront_get_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc,
		       u32 *rules);
int netfront_set_rxnfc(struct net_device *netdev, struct ethtool_rxnfc *nfc);
u32 netfront_get_rxfh_key_size(struct net_device *netdev);
u32 netfront_get_rxfh_indir_size(struct net_device *netdev);

int netfront_get_rxfh(struct net_device *netdev, u32 *indir, u8 *key,
		      u8 *hfunc);
int netfront_set_rxfh(struct net_device *netdev, const u32 *indir,
		      const u8 *key, const u8 hfunc);
int netfront_get_fields(struct net_device *netdev, u32 flow, u64 *fields);
int netfront_set_fields(struct net_device *netdev, u32 flow, u64 fields);

/* stats.c */
u64 netfront_sum_tx(struct netfront_queue *q, enum netfront_tx_counter what);
u64 netfront_sum_rx(struct netfront_queue *q, enum netfront_rx_counter what);
u64 netfront_sum(struct netfront_queue *q, enum netfront_napi_counter what);
u64 netfront_sum_fixups(struct netfront_queue *q);
void netfront_get_stats64(struct net_device *netdev,
			  struct rtnl_link_stats64 *stats);
int netfront_get_sset_count(struct net_device *netdev, int set);
void netfront_get_strings(struct net_device *netdev, u32 set, u8 *data);
void netfront_get_ethtool_stats(struct net_device *netdev,
				struct ethtool_stats *stats, u64 *data);
void netfront_show_counters(struct seq_file *s, struct netfront_dev *nf);
void netfront_stats_setup(struct net_device *netdev);

/* sysfs.c */
extern const struct attribute_group netfront_group;

/* debugfs.c */
void netfront_debug_create(struct netfront_dev *nf);

#endif
