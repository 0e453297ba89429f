// The page's place in the swarm for as long as the page is open: a swarm whose WebAssembly fails is begun anew.

import { SwarmDriver } from './driver.js'
import { HeadStart } from './head-start.js'
import { loadSwarm } from './loading.js'

/** First pause before a failed swarm is begun anew; doubles up to the last. Chosen: a trap that comes back at once must
 * not keep the browser busy. */
const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000

/** @typedef {import('./driver.js').Playback} Playback */
/** @typedef {import('../wasm/swarm_web.js').SwarmStats} SwarmStats */
/** @typedef {import('../wasm/swarm_web.js').SwarmPeer} SwarmPeer */

/**
 * @typedef {object} SwarmSnapshot
 * @property {SwarmStats | undefined} swarm undefined before the WebAssembly runs, and while it is begun anew
 * @property {SwarmPeer[]} peers
 */

export class Membership {
  #playback
  #onbadlink
  #headStart
  /** @type {SwarmDriver | undefined} */
  #driver
  #attempt = 0
  #upload = true
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /**
   * @param {Playback} playback
   * @param {(message: string) => void} onbadlink the page's address names no channel; the message is for a person
   */
  constructor (playback, onbadlink) {
    this.#playback = playback
    this.#onbadlink = onbadlink
    this.#headStart = new HeadStart(location, document)
    this.#join()
  }

  /** How often the swarm was begun anew. */
  get restarts () {
    return this.#attempt
  }

  /** @returns {SwarmSnapshot} */
  snapshot () {
    return this.#driver?.stats() ?? { swarm: undefined, peers: [] }
  }

  /** The pieces of the last seconds, oldest segment first. */
  pieceMap () {
    return this.#driver?.pieceMap() ?? []
  }

  /** @param {boolean} on whether to pass anything on; it is on to begin with */
  setUpload (on) {
    this.#upload = on
    this.#driver?.setUpload(on)
  }

  wake () {
    this.#driver?.wake()
  }

  networkChanged () {
    this.#driver?.networkChanged()
  }

  /** Leaves the swarm for good. */
  close () {
    clearTimeout(this.#timer)
    this.#driver?.close()
    this.#driver = undefined
    this.#headStart.close()
  }

  async #join () {
    try {
      const { Viewer } = await loadSwarm(this.#attempt)
      const viewer = this.#newViewer(Viewer)
      if (viewer === undefined) return this.close()
      this.#driver = new SwarmDriver(viewer, this.#playback, this.#headStart, error => this.#joinAnew(error))
    } catch (error) {
      this.#joinAnew(error)
    }
  }

  /** @param {typeof import('../wasm/swarm_web.js').Viewer} Viewer */
  #newViewer (Viewer) {
    try {
      const viewer = new Viewer(location.href, crypto.getRandomValues(new Uint8Array(32)))
      viewer.setUpload(performance.now(), this.#upload)
      return viewer
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) throw error
      this.#onbadlink(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  /** @param {unknown} error */
  #joinAnew (error) {
    console.error('the swarm failed and is begun anew:', error)
    this.#driver = undefined
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#attempt, LAST_PAUSE_MS)
    this.#attempt += 1
    this.#timer = setTimeout(() => this.#join(), pause)
  }
}
