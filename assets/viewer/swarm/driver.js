// Drives the swarm: everything that happens goes into `Viewer.handle`, what comes out of `Viewer.poll` is done at once.
//
// Not here: any decision of the swarm's (crates/swarm), and playing (media/).

import { Alarm } from './alarm.js'
import { HeadStart } from './head-start.js'

/** @typedef {import('./loading.js').SwarmViewer} SwarmViewer */
/** @typedef {import('./peer-connection.js').PeerConnection} PeerConnection */
/** @typedef {import('./tracker-socket.js').TrackerSocket} TrackerSocket */
/** @typedef {import('../wasm/swarm_web.js').SwarmEvent} SwarmEvent */
/** @typedef {import('../wasm/swarm_web.js').SwarmAction} SwarmAction */
/** @typedef {import('../wasm/swarm_web.js').BroadcastDescription} BroadcastDescription */
/** @typedef {import('../wasm/swarm_web.js').MediaSegment} MediaSegment */

/**
 * What the swarm has for the player.
 * @typedef {object} Playback
 * @property {(description: BroadcastDescription) => void} begin a broadcast begins
 * @property {(description: BroadcastDescription) => void} change the same broadcast has another description
 * @property {(segment: MediaSegment) => void} add its next segment
 */

export class SwarmDriver {
  #viewer
  #playback
  #headStart
  #onfailure
  /** @type {Map<number, PeerConnection>} */
  #connections = new Map()
  /** @type {Map<number, TrackerSocket>} */
  #trackers = new Map()
  /** @type {SwarmEvent[]} */
  #events = []
  #busy = false
  #over = false
  #alarm = new Alarm(() => {
    this.#reportSent()
    this.#handle({ type: 'tick' })
  })

  /**
   * @param {SwarmViewer} viewer
   * @param {Playback} playback
   * @param {HeadStart} headStart
   * @param {(error: unknown) => void} onfailure the WebAssembly has trapped; the driver has ended
   */
  constructor (viewer, playback, headStart, onfailure) {
    this.#viewer = viewer
    this.#playback = playback
    this.#headStart = headStart
    this.#onfailure = onfailure
    this.#handle({ type: 'tick' })
  }

  /** The swarm's counters and its connected peers. */
  stats () {
    return { swarm: this.#viewer.stats(), peers: this.#viewer.peers() }
  }

  /** The pieces of the last seconds. */
  pieceMap () {
    return this.#viewer.pieceMap()
  }

  /** @param {boolean} on whether to pass anything on */
  setUpload (on) {
    this.#viewer.setUpload(performance.now(), on)
    // What that makes the swarm say goes out with this.
    this.#handle({ type: 'tick' })
  }

  /** Time may have passed unnoticed: the machine or the tab has slept. */
  wake () {
    this.#handle({ type: 'tick' })
  }

  /** This machine may be on another network: what does not work now will not work again. */
  networkChanged () {
    for (const [connection, peer] of [...this.#connections]) {
      if (!peer.isInterrupted) continue
      peer.close()
      this.#connectionClosed(connection, peer)
    }
    // A socket over a path that is gone would look open for minutes.
    for (const [tracker, socket] of [...this.#trackers]) {
      socket.close()
      this.#trackerClosed(tracker, socket)
    }
  }

  /** Ends all connections, which peers hear of at once. */
  close () {
    if (this.#over) return
    this.#over = true
    this.#alarm.close()
    this.#headStart.close()
    for (const peer of this.#connections.values()) peer.close()
    for (const socket of this.#trackers.values()) socket.close()
    this.#connections.clear()
    this.#trackers.clear()
  }

  /** @param {SwarmEvent} event */
  #handle (event) {
    if (this.#over) return
    this.#events.push(event)
    // What happens while an action is being done waits until all of them are.
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next; (next = this.#events.shift()) !== undefined && !this.#over;) {
        this.#viewer.handle(performance.now(), next)
        for (let action; (action = this.#viewer.poll()) !== undefined;) this.#act(action)
      }
      this.#schedule()
    } catch (error) {
      this.close()
      this.#onfailure(error)
    } finally {
      this.#busy = false
    }
  }

  /** Browsers say only when much that waited has left. Looked at late, little would seem to have waited for long. */
  #reportSent () {
    for (const peer of this.#connections.values()) peer.reportSent()
  }

  #schedule () {
    const wake = this.#viewer.nextWake()
    if (wake !== undefined && !this.#over) this.#alarm.set(wake)
  }

  /** @param {SwarmAction} action */
  #act (action) {
    switch (action.type) {
      case 'tracker-connect': return this.#connectTracker(action.tracker, action.url)
      case 'tracker-send': return this.#sendToTracker(action.tracker, action.text)
      case 'tracker-close': {
        this.#trackers.get(action.tracker)?.close()
        this.#trackers.delete(action.tracker)
        return
      }
      case 'make-offer': {
        const { connection, made } = this.#headStart.offer()
        this.#adopt(action.connection, connection)
        return this.#settle(action.connection, connection, 'offer-made', made)
      }
      case 'accept-offer': {
        const connection = this.#headStart.connection()
        this.#adopt(action.connection, connection)
        return this.#settle(action.connection, connection, 'answer-made', connection.answer(action.sdp))
      }
      case 'accept-answer': {
        const connection = this.#connections.get(action.connection)
        connection?.acceptAnswer(action.sdp).catch(() => this.#fail(action.connection, connection))
        return
      }
      case 'send': return this.#connections.get(action.connection)?.send(action.bytes)
      case 'close': {
        this.#connections.get(action.connection)?.close()
        this.#connections.delete(action.connection)
        return
      }
      case 'broadcast': return this.#playback.begin(action.description)
      case 'changed': return this.#playback.change(action.description)
      case 'segment': return this.#playback.add(action.segment)
    }
  }

  /**
   * @param {number} tracker
   * @param {string} url
   */
  #connectTracker (tracker, url) {
    const socket = this.#headStart.tracker(url)
    this.#trackers.set(tracker, socket)
    // An id is used again for the next socket: late news of the last one must not count for it.
    const isCurrent = () => this.#trackers.get(tracker) === socket
    socket.ontext = text => this.#handle({ type: 'tracker-text', tracker, text })
    socket.opened.then(() => { if (isCurrent()) this.#handle({ type: 'tracker-opened', tracker }) })
    socket.closed.then(() => this.#trackerClosed(tracker, socket))
  }

  /**
   * @param {number} tracker
   * @param {string} text
   */
  #sendToTracker (tracker, text) {
    const socket = this.#trackers.get(tracker)
    if (socket === undefined || socket.send(text)) return
    socket.close()
    this.#trackerClosed(tracker, socket)
  }

  /**
   * @param {number} tracker
   * @param {TrackerSocket} socket
   */
  #trackerClosed (tracker, socket) {
    if (this.#trackers.get(tracker) !== socket) return
    this.#trackers.delete(tracker)
    this.#handle({ type: 'tracker-closed', tracker })
  }

  /**
   * @param {number} connection
   * @param {PeerConnection} peer
   */
  #adopt (connection, peer) {
    this.#connections.set(connection, peer)
    peer.listener = {
      opened: () => this.#handle({ type: 'opened', connection }),
      received: bytes => {
        this.#reportSent()
        this.#handle({ type: 'received', connection, bytes })
      },
      sent: bytes => this.#handle({ type: 'sent', connection, bytes }),
      closed: () => this.#connectionClosed(connection, peer)
    }
  }

  /**
   * Tells the swarm of our offer or answer once it is made.
   * @param {number} connection
   * @param {PeerConnection} peer
   * @param {'offer-made' | 'answer-made'} type
   * @param {Promise<string>} made
   */
  #settle (connection, peer, type, made) {
    made.then(
      sdp => { if (this.#connections.get(connection) === peer) this.#handle({ type, connection, sdp }) },
      () => this.#fail(connection, peer)
    )
  }

  /**
   * @param {number} connection
   * @param {PeerConnection} peer
   */
  #fail (connection, peer) {
    peer.close()
    this.#connectionClosed(connection, peer)
  }

  /**
   * @param {number} connection
   * @param {PeerConnection} peer
   */
  #connectionClosed (connection, peer) {
    if (this.#connections.get(connection) !== peer) return
    this.#connections.delete(connection)
    this.#handle({ type: 'closed', connection })
  }
}
