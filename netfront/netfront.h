/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-netfront: private to the module.
 *
 * The netdev outlives its connections: its queues are there from the beginning
 * to the end, and a queue that is not up drops what it is given.
 *
 * Locks, in this order: RTNL; machine.act, which serialises connecting,
 * disconnecting, the control ring and all else that follows a change of state;
 * the lock of a transmit queue, under which requests are produced. Responses,
 * of both directions, are consumed by the queue's NAPI and nobody else, or
 * under machine.act when NAPI is disabled. An action of the machine never takes
 * RTNL, because its holder may wait for the machine.
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

/* Kernels with larger pages would need several grants a page. */
static_assert(PAGE_SIZE == XPV_NETIF_PAGE_BYTES);
/* All pages have an address. */
static_assert(!IS_ENABLED(CONFIG_HIGHMEM));

#define NETFRONT_SLOTS		XPV_NETIF_RING_ENTRIES
/* Slots of a packet at most, with its extra infos: GSO is the only one. */
#define NETFRONT_TX_MOST	(XPV_NETIF_SLOTS_MIN + 1)
/* References of a queue: its slots, its rings, its cells. */
#define NETFRONT_QUEUE_REFS	(2 * NETFRONT_SLOTS + 2 + NETFRONT_CELL_PAGES)
/* Bytes that are rather copied than granted. */
#define NETFRONT_CELL		256
#define NETFRONT_CELLS		(PAGE_SIZE / NETFRONT_CELL)
#define NETFRONT_CELL_PAGES	(NETFRONT_SLOTS / NETFRONT_CELLS)
#define NETFRONT_COPY_BREAK	256

/* An XDP program sees a packet within one page. */
#define NETFRONT_XDP_ROOM						\
	(PAGE_SIZE - XDP_PACKET_HEADROOM -				\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define NETFRONT_XDP_MTU	(NETFRONT_XDP_ROOM - ETH_HLEN - 4)

/* How long RTNL's holder waits for a new connection, and a closed one for the
 * backend to see that.
 */
#define NETFRONT_AGAIN_WAIT	10000	/* ms */
/* Pages that backends of a device may keep before it gives up, 32 MiB. */
#define NETFRONT_MAX_HELD	8192

/* Where a backend's value is refused. */
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
 * Counters of a queue, by who writes them: whoever produces transmit requests,
 * under the lock of the queue, or NAPI. `ethtool -S` has them under these
 * names.
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

/* Of NAPI, about what was sent, and about NAPI itself. */
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

/* What a transmit request's id stands for. */
enum netfront_kind {
	NETFRONT_FREE,
	NETFRONT_SKB,
	NETFRONT_FRAME,		/* an xdp_frame */
	NETFRONT_NOTHING,	/* copied, or a message to the backend */
};

/**
 * struct netfront_sent_id - a transmit request as we know it
 * @owner: skb or xdp_frame that it is a part of
 * @pos:   its place among all requests ever: a response before that was
 *         published is a lie
 * @kind:  enum netfront_kind; if free, a response with this id is a lie
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
 * struct netfront_tx - what producing transmit requests needs
 * @half:   @cons is a copy of @take's, as old as it may be
 * @head:   ids ever taken
 * @extras: slots ever used for extra infos
 * @count:  by enum netfront_tx_counter
 * @sync:   of @count
 * @ids:    free ones, a queue: taken at @head, given back at @tail
 */
struct netfront_tx {
	struct xpv_ring half;
	u32 head;
	u32 extras;
	struct u64_stats_sync sync;
	u64_stats_t count[NETFRONT_NR_TX];
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_take - what consuming transmit responses needs
 * @half:   only @cons counts, released when the ids are back
 * @tail:   ids ever given back, and the first ones
 * @extras: responses ever seen for extra infos
 * @work:   responses ever taken
 * @stuck:  @half.cons when the watchdog barked
 */
struct netfront_take {
	struct xpv_ring half;
	u32 tail;
	u32 extras;
	u32 work;
	u32 stuck;
} ____cacheline_aligned_in_smp;

/**
 * struct netfront_rx - what receiving needs
 * @half:   requests and responses, both NAPI's
 * @chain:  packet that is being put together
 * @pool:   where pages come from
 * @gather: pages to copy long packets to
 * @page:   by slot: granted; NULL if it is to be filled
 * @ref:    by slot
 * @fixed:  pages stay granted, and what came in them is copied
 * @info:   for XDP
 * @timer:  tries again when memory was short
 * @work:   responses ever taken
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

/* netfront_queue.events */
enum {
	NETFRONT_TX_EVENT = BIT(0),	/* not answered yet */
	NETFRONT_RX_EVENT = BIT(1),	/* not answered yet */
	NETFRONT_POLL = BIT(2),		/* a poll to come sees them and their work */
};

/**
 * struct netfront_queue - a pair of rings; stays when connections come and go
 * @nf:       device
 * @index:    number in the store and in the netdev
 * @up:       requests may be produced; under the lock of the transmit queue
 * @polling:  NAPI is enabled
 * @broken:   the backend lied; no response is read any more, and no event
 *            answered
 * @bounce:   copy everything, so that the backend sees nothing else
 * @fixed:    copy everything, to pages that the backend keeps mapped
 * @napi:     consumes responses of both rings
 * @tx:       producer's
 * @take:     consumer's
 * @rx:       NAPI's
 * @ids:      free ids
 * @sent:     by id
 * @ref:      by id, for pages of skbs; @copy may have taken it over
 * @cells:    small pages for small data, by id: granted for good
 * @cell_ref: of @cells
 * @copy:     by id: a page of our own, if it was ever needed; granted for good
 * @copy_ref: of @copy
 * @tx_ring:  pages
 * @rx_ring:  pages
 * @tx_event: the only event channel, if they are not split
 * @rx_event: else this one is for received packets
 * @events:   NETFRONT_TX_EVENT, NETFRONT_RX_EVENT, NETFRONT_POLL
 * @tx_seen:  @take.work when @tx_event was answered last
 * @rx_seen:  @rx.work when the channel for it was answered last
 * @vain:     looks without work in a row, though the ring said that there is
 * @tx_name:  of the interrupt
 * @rx_name:  of the interrupt
 * @sync:     of the counts below
 * @rx_count: by enum netfront_rx_counter
 * @count:    by enum netfront_napi_counter
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
 * @broken: not to be used until the next connection
 * @ring:   page
 * @event:  event channel
 * @lock:   protects the fields below
 * @half:   private half
 * @open:   @req waits for its answer
 * @req:    the request
 * @result: enum netfront_ctrl_result
 * @data:   of the answer
 * @done:   the answer has come
 * @name:   of the interrupt
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
 * struct netfront_rss - how the backend is to spread packets over queues
 * @on:    hashing is wanted
 * @types: hash types, bits 1 << XPV_NETIF_HASH_*
 * @can:   what of them this backend knows
 * @size:  entries of the table; 0: this backend has none
 * @set:   @table was chosen, or else spreads evenly
 * @table: hash to queue
 * @key:   of the Toeplitz hash
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

/**
 * struct netfront_mcast - the backend's list of multicast addresses
 * @on:      the backend filters by it
 * @failed:  it refused an address: do without
 * @known:   addresses it has, as many as @nr
 * @nr:      of them
 * @answers: responses that are outstanding
 * @work:    brings the list up to date
 */
#define NETFRONT_MAX_MCAST	60	/* Linux's backend takes 64 */
struct netfront_mcast {
	bool on;
	bool failed;
	u8 known[NETFRONT_MAX_MCAST][ETH_ALEN];
	unsigned int nr;
	atomic_t answers;
	struct delayed_work work;
};

/**
 * struct netfront_outage - times without the backend that we had
 * @since:   0: it is there
 * @before:  packets dropped before
 * @attempts: backends that failed to connect this time
 * @count:   how often it went
 * @longest: ms
 * @dropped: packets, in all of them
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
 * struct netfront_carrier - what user space is told of the link
 * @kept:   on, though there is no connection, or none of use yet; without one the
 *          transmit queues are stopped
 * @flap:   off for a moment, though there is one
 * @moved:  the network is another one, and user space does not know
 * @domid:  backend of the last connection; DOMID_INVALID: not known
 * @bridge: of that backend; empty: not known
 * @until:  jiffies: end of @kept or @flap
 * @work:   ends them
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
 * @dev:        on the bus
 * @netdev:     network device
 * @machine:    its states
 * @shortage:   waits for grant references to connect with
 * @violations: of its backend
 * @debug:      folder in debugfs
 * @max_queues: queues there is memory for
 * @nr_queues:  queues in use
 * @asked_queues: queues that this connection would have had with enough references
 * @want_queues: no more than that, set by `ethtool -L`
 * @queues:     @max_queues of them
 * @speed:      of the link, as ethtool was told
 * @duplex:     the same
 * @facts:      what this backend offers
 * @headroom:   before received packets, as told to the backend
 * @bounce:     the backend is not trusted with pages of others
 * @linked:     rings are up
 * @again:      closed in order to connect anew
 * @dead:       will not be connected any more
 * @broken:     a queue is broken; look and close
 * @stuck:      a queue does not get on; look and connect anew
 * @hung:       closed because of that, and the backend did not react yet
 * @lost:       the backend's folder went without a word
 * @leaving:    the toolstack takes the device away
 * @parked:     between two places on the bus; @dev is the former one
 * @registered: @netdev is known to the system
 * @link_up:    the backend's carrier
 * @applied:    the netdev has been told of this connection
 * @links:      connections so far
 * @wait:       for a change of @links
 * @apply_work: tells the netdev
 * @announce:   tells the neighbours
 * @want_xdp:   connect in a way that suits XDP
 * @for_xdp:    this connection does
 * @prog:       XDP program
 * @ctrl:       control ring
 * @rss:        what is to be said there
 * @mcast:      multicast filter
 * @statics:    pages that the backend keeps mapped
 * @held:       pages that backends still have, see held.c
 * @outage:     times without backend
 * @carrier:    see carrier.c
 * @watch:      on the backend's carrier, if there is one
 * @own:        tells when another instance is in our folder
 * @parking:    of park.c
 * @place:      of park.c: "DEVPATH_OLD=..." or NULL
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

/* What a packet remembers in its skb->cb while it is with the backend. */
struct netfront_cb {
	u32 left;	/* requests without an answer */
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
