// How much of the stream is held back, so that a segment that comes late is not missed: little where all come in time,
// more after one came too late, and slowly less again.

/** What a segment that is not late still needs: being appended, two frames in the decoder, and what Chromium keeps ready for
 * the loudspeaker. With 0.08 its sound ran dry every few seconds. */
const FLOOR_S = 0.12
/** More would be no live broadcast. */
const MAX_S = 1.5
/** One hiccup makes late every segment that it held up; it counts once. */
const PAUSE_S = 2
/** Lateness near what is held justifies holding it for so long; each stall doubles that, so that one that always comes back
 * comes back ever less often. */
const REMEMBERED_S = 30
const MAX_REMEMBERED_S = 600
/** What is kept of the rest each second after that: half in 34 s. */
const KEPT_PER_SECOND = 0.98
/** With a stall that no late segment explains a bit more is tried. */
const STALL_S = 0.1

export class Hold {
  /** Seconds held for late segments. */
  #reserve = 0
  #grownAt = -Infinity
  #neededAt = -Infinity
  #shrunkAt = -Infinity
  #remembered = REMEMBERED_S

  /**
   * A segment came so late.
   * @param {number} now local seconds
   * @param {number} lateness seconds
   */
  late (now, lateness) {
    this.#shrink(now)
    if (lateness > this.#reserve * 0.7) this.#neededAt = now
    if (lateness <= this.#reserve || now < this.#grownAt + PAUSE_S) return
    this.#reserve = Math.min(lateness, this.#reserve * 1.5 + 0.05, MAX_S - FLOOR_S)
    this.#grownAt = now
  }

  /** @param {number} now local seconds, at which playing has stalled */
  stalled (now) {
    this.#remembered = Math.min(this.#remembered * 2, MAX_REMEMBERED_S)
    this.late(now, this.#reserve + STALL_S)
  }

  /**
   * @param {number} now local seconds
   * @returns {number} seconds to hold
   */
  seconds (now) {
    this.#shrink(now)
    return FLOOR_S + this.#reserve
  }

  /** @param {number} now */
  #shrink (now) {
    const since = Math.max(this.#shrunkAt, this.#neededAt + this.#remembered)
    if (now > since && since > -Infinity) this.#reserve *= KEPT_PER_SECOND ** (now - since)
    this.#shrunkAt = now
  }
}
