/* SPDX-License-Identifier: GPL-2.0-only */
/* The frontend of a network device; the toolstack has run its hotplug script. */
#ifndef XPEER_NET_FRONT_H
#define XPEER_NET_FRONT_H

#include "front.h"
#include "net_frame.h"
#include "net_wire.h"
#include "ring.h"

#define NF_TX_PAGES	64	/* scratch of all queues */
#define NF_RX_PAGES	128	/* posted on each queue */
#define NF_SLOTS	64	/* of a packet that a case may make */

/* Who we are and who answers: tests/lab/net.bash has the addresses. */
#define NF_IP		{ 10, 77, 0, 66 }
#define NF_PEER_IP	{ 10, 77, 0, 1 }

struct nf_config {
	unsigned int	queues;
	bool		split;		/* an event channel for each direction */
	bool		no_sg;
	bool		no_notify;	/* do not say that we send events for posted pages */
	bool		ctrl;
	bool		mcast;
	unsigned int	headroom;
};

struct nf_ring {
	struct grant_area	area;
	struct ring		ring;
	int			port;
};

struct nf_queue {
	struct nf_ring		tx, rx;
	struct grant_area	pages;			/* for receiving */
	uint16_t		page[NET_RING_ENTRIES];	/* by slot: which of them */
	uint16_t		free[NF_RX_PAGES];
	unsigned int		nr_free;
	uint16_t		next_id;
	int			status[NET_RING_ENTRIES];	/* by id */
};

#define NF_PENDING	100	/* a status that no response has */

struct nf {
	struct front		dev;
	struct nf_config	config;
	struct nf_queue		queue[FRONT_QUEUES];
	unsigned int		nr_queues;
	struct nf_ring		ctrl;
	struct net_host		self, peer;
	bool			peer_known;
	uint64_t		since;		/* connected */
	/* The echo that is waited for. */
	uint16_t		seq;
	size_t			payload;
	bool			echoed;
	unsigned long long	received, received_bytes;
	uint16_t		ctrl_id;
};

/* A packet as slots, legal or not. */
struct nf_packet {
	union net_tx_slot	slot[NF_SLOTS];
	bool			extra[NF_SLOTS];
	unsigned int		nr;
};

/* The network device whose first member that is. */
static inline struct nf *to_nf(struct front *dev)
{
	return (struct nf *)dev;
}

/* net_front_io.c */
void nf_kick(struct nf *f, const struct nf_ring *r);
/* Post the slots and publish them; ids are given here. */
void nf_post(struct nf *f, struct nf_queue *q, struct nf_packet *p);
void nf_push(struct nf *f, struct nf_queue *q);
/* Until every slot was answered; 0, -ETIMEDOUT or -EPROTO. */
int nf_answers(struct nf *f, struct nf_queue *q, unsigned int ms);
/* A frame cut at the given sizes, a page each; the last one takes the rest. */
void nf_cut(struct nf *f, struct nf_packet *p, const uint8_t *frame, size_t len,
	    const unsigned int *size, unsigned int nr);
void nf_add_extra(struct nf_packet *p, const struct net_extra *e);
/* Post, wait; the worst status of its slots, or -ETIMEDOUT or -EPROTO. */
int nf_send(struct nf *f, struct nf_queue *q, struct nf_packet *p);
void nf_rx_fill(struct nf *f, struct nf_queue *q);
/* Take what came within @ms, answer ARP; how many packets, or -EPROTO. */
int nf_poll(struct nf *f, unsigned int ms);
/* An echo there and back through that queue, cut at those sizes. */
enum verdict nf_echo(struct nf *f, struct nf_queue *q, size_t payload, const unsigned int *size,
		     unsigned int nr);
/* The peer's MAC address is known and echoes of some sizes work on every queue. */
enum verdict nf_verify(struct front *dev);
/* Nothing is answered for @ms although there is something to answer. */
enum verdict nf_silent(struct nf *f, struct nf_queue *q, unsigned int ms);
/* A request on the control ring; 0 or -errno. */
int nf_ctrl(struct nf *f, unsigned int type, uint32_t a, uint32_t b, uint32_t c,
	    struct net_ctrl_rsp *rsp);
/* Any status but success. */
#define NF_ANY_ERROR	1000
/* A request on the control ring whose status has to be @want; @data may be NULL. */
enum verdict nf_ask(struct nf *f, unsigned int type, uint32_t a, uint32_t b, uint32_t c,
		    unsigned int want, uint32_t *data);
/* A device with so many queues and a control ring, connected, that echoes. */
enum verdict nf_start_ctrl(struct nf *f, const struct options *opt, unsigned int queues);

extern const struct case_table net_front_good, net_front_ring, net_front_tx, net_front_rx,
	net_front_ctrl, net_front_static, net_front_key, net_front_state, net_front_odd;

#endif
