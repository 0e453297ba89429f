// What the swarm will ask for first, begun while its WebAssembly still loads: the sockets to trackers, and offers, which
// take the browser a moment to make.

import { iceServersOf, trackersOf } from './meeting-places.js'
import { PeerConnection } from './peer-connection.js'
import { withPart } from './tracker-part.js'
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
  /** @type {Map<string, TrackerSocket>} */
  #trackers
  #iceServers
  #location

  /**
   * @param {Location} location the page's
   * @param {Document} page
   */
  constructor (location, page) {
    this.#iceServers = iceServersOf(location, page)
    this.#location = location
    this.#trackers = new Map(trackersOf(location).map(url => [url, this.#connect(url)]))
    for (let count = 0; count < OFFERS; count++) this.#offers.push(this.#newOffer())
  }

  /** @returns {EarlyOffer} one that was begun early, or one that begins now */
  offer () {
    return this.#offers.shift() ?? this.#newOffer()
  }

  /** @returns {PeerConnection} one for another's offer */
  connection () {
    return new PeerConnection(this.#iceServers)
  }

  /**
   * @param {string} url
   * @returns {TrackerSocket} one that was begun early, or one that begins now
   */
  tracker (url) {
    const early = this.#trackers.get(url)
    this.#trackers.delete(url)
    return early ?? this.#connect(url)
  }

  /** Ends what nobody has asked for. */
  close () {
    for (const socket of this.#trackers.values()) socket.close()
    this.#trackers.clear()
    for (const { connection } of this.#offers.splice(0)) connection.close()
  }

  /** @param {string} url */
  #connect (url) {
    return new TrackerSocket(withPart(url, this.#location))
  }

  #newOffer () {
    const connection = this.connection()
    const made = connection.offer()
    // Who takes the offer hears of it.
    made.catch(() => {})
    return { connection, made }
  }
}
