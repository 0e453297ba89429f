// Notices that playing does not go on, and says what helps.

/** Without any progress for so long it is a stall: longer than a frame at 10 a second. */
const STALL_S = 0.2
/** With enough to play a browser goes on by itself within this. */
const STUCK_S = 1
/** So many times it is tried to get it going again by going elsewhere, before the stream is put together anew. */
const MAX_NUDGES = 3
/** How much is enough to play: what browsers want to have decoded before they begin. */
const ENOUGH_S = 0.3
/** Ranges that are no further apart are one: sound and picture do not end in the same instant. */
const SEAM_S = 0.1

/**
 * What helps: nothing, waiting for segments, going on behind a hole, going on somewhere, a new stream.
 * @typedef {{ help: 'none' | 'wait' | 'nudge' | 'rebuild' } | { help: 'skip', to: number }} Advice
 */

export class StallWatch {
  #playhead = -1
  #movedAt = 0
  #triedAt = 0
  #nudges = 0
  #stalled = false
  /** How often playing stopped. */
  stalls = 0
  /** For how many seconds altogether. */
  seconds = 0

  /**
   * @param {number} now local seconds
   * @param {{ currentTime: number, buffered: TimeRanges }} video an element that should be playing
   * @returns {Advice}
   */
  look (now, { currentTime, buffered }) {
    if (currentTime !== this.#playhead) {
      if (this.#stalled) this.seconds += now - this.#movedAt
      this.#playhead = currentTime
      this.#movedAt = now
      this.#triedAt = now
      this.#nudges = 0
      this.#stalled = false
      return { help: 'none' }
    }
    if (now < this.#movedAt + STALL_S) return { help: 'none' }
    if (!this.#stalled) {
      this.#stalled = true
      this.stalls += 1
    }
    return this.#advise(now, endOfRange(buffered, currentTime), startOfNext(buffered, currentTime))
  }

  /** Playing was stopped, or goes on elsewhere, on purpose. */
  reset () {
    this.#playhead = -1
    this.#stalled = false
  }

  /**
   * @param {number} now
   * @param {number} end
   * @param {number | undefined} next
   * @returns {Advice}
   */
  #advise (now, end, next) {
    if (end - this.#playhead < ENOUGH_S) return next === undefined ? { help: 'wait' } : { help: 'skip', to: next }
    if (now < this.#triedAt + STUCK_S) return { help: 'none' }
    this.#triedAt = now
    this.#nudges += 1
    return { help: this.#nudges > MAX_NUDGES ? 'rebuild' : 'nudge' }
  }
}

/**
 * Until when can be played from a place on.
 * @param {TimeRanges} buffered
 * @param {number} from
 */
export function endOfRange (buffered, from) {
  let end = from
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) <= end + SEAM_S) end = Math.max(end, buffered.end(at))
  }
  return end
}

/**
 * Where the next range begins.
 * @param {TimeRanges} buffered
 * @param {number} from
 */
function startOfNext (buffered, from) {
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) > from) return buffered.start(at)
  }
  return undefined
}
