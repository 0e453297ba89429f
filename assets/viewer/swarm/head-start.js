// What the swarm will ask for first, begun while its WebAssembly still loads: the socket to the page's own tracker, and
// offers, which take the browser a moment to make.

import { PeerConnection } from './peer-connection.js'
import { TrackerSocket } from './tracker-socket.js'

/** As many as go out with the swarm's first announce. */
const OFFERS = 3

/**
 * @typedef {object} EarlyOffer
 * @property {PeerConnection} connection
 * @property {Promise<string>} made
 */

export class HeadStart {
  /** @type {EarlyOffer[]} */
  #offers = []
  /** @type {{ url: string, socket: TrackerSocket } | undefined} */
  #tracker

  /** @param {Location} location the page's */
  constructor (location) {
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/announce`
    this.#tracker = { url, socket: new TrackerSocket(url) }
    for (let count = 0; count < OFFERS; count++) this.#offers.push(newOffer())
  }

  /** @returns {EarlyOffer} one that was begun early, or one that begins now */
  offer () {
    return this.#offers.shift() ?? newOffer()
  }

  /**
   * @param {string} url
   * @returns {TrackerSocket} one that was begun early, or one that begins now
   */
  tracker (url) {
    const early = this.#tracker
    if (early?.url !== url) return new TrackerSocket(url)
    this.#tracker = undefined
    return early.socket
  }

  /** Ends what nobody has asked for. */
  close () {
    this.#tracker?.socket.close()
    this.#tracker = undefined
    for (const { connection } of this.#offers.splice(0)) connection.close()
  }
}

function newOffer () {
  const connection = new PeerConnection()
  const made = connection.offer()
  // Who takes the offer hears of it.
  made.catch(() => {})
  return { connection, made }
}
