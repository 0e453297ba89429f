// Which pieces of the last minute came from whom. The swarm itself remembers only the seconds that it gives to others.

/** What is shown. */
const SPAN_MS = 60_000
/** How often it is looked while nobody looks at it: well within what the swarm remembers. */
const REST_MS = 5000

/** As `SegmentPieces` numbers them. */
export const PIECE = /** @type {const} */ ({ missing: 0, coming: 1, fromStreamer: 2, fromViewer: 3 })
/** A segment that was not even announced before playing went on without it. */
const LOST = Uint8Array.of(PIECE.missing)

/** @typedef {import('../wasm/swarm_web.js').SegmentPieces} SegmentPieces */

/**
 * @typedef {object} PieceCounts
 * @property {number} missing
 * @property {number} coming
 * @property {number} fromStreamer
 * @property {number} fromViewer
 */

export class PieceHistory {
  /** @type {Map<number, Uint8Array>} */
  #segments = new Map()
  #broadcast = ''
  #newest = -1
  #capacity = 0
  #readAt = -Infinity

  /** How many segments make up the span. */
  get capacity () {
    return this.#capacity
  }

  /** How many seconds are shown. */
  get seconds () {
    return SPAN_MS / 1000
  }

  /**
   * @param {number} now local milliseconds
   * @param {{ broadcast: string, segmentMillis: number } | undefined} description of the newest broadcast
   * @param {boolean} seen whether somebody looks at it
   * @param {() => SegmentPieces[]} read
   */
  update (now, description, seen, read) {
    if (description === undefined || (!seen && now < this.#readAt + REST_MS)) return
    this.#readAt = now
    this.#capacity = Math.ceil(SPAN_MS / Math.max(1, description.segmentMillis))
    if (description.broadcast !== this.#broadcast) {
      this.#broadcast = description.broadcast
      this.#segments.clear()
      this.#newest = -1
    }
    for (const { number, pieces } of read()) {
      this.#segments.set(number, pieces)
      this.#newest = Math.max(this.#newest, number)
    }
    for (const number of [...this.#segments.keys()]) {
      if (number <= this.#newest - this.#capacity) this.#segments.delete(number)
    }
  }

  /**
   * The span's segments, oldest first.
   * @returns {Uint8Array[]} each one's pieces; fewer than `capacity` where playing began later
   */
  columns () {
    const columns = []
    const first = Math.min(...this.#segments.keys())
    for (let number = first; number <= this.#newest; number++) columns.push(this.#segments.get(number) ?? LOST)
    return columns
  }

  /** @returns {PieceCounts} */
  counts () {
    const counts = [0, 0, 0, 0]
    for (const pieces of this.columns()) for (const state of pieces) counts[state] += 1
    return {
      missing: counts[PIECE.missing],
      coming: counts[PIECE.coming],
      fromStreamer: counts[PIECE.fromStreamer],
      fromViewer: counts[PIECE.fromViewer]
    }
  }
}
