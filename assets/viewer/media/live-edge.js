// Keeps playing near the live edge: a little faster or slower for small errors, a jump for large ones.

/** An error from which on the rate is changed, and one at which it is normal again. Smaller ones nobody notices. */
const START_S = 0.06
const STOP_S = 0.015
/** The rate changes by half the error, in steps, so that it does not change at each look. */
const RATE_PER_SECOND = 0.5
const RATE_STEP = 0.05
/** Nobody hears 1.1; more is better than staying behind for long, and slower than 0.9 sounds ill. */
const MAX_RATE = 1.3
const MIN_RATE = 0.9
/** Further behind than this is not worth catching up with by rate: it takes four seconds. */
const JUMP_S = 1
/** While somebody joins, or comes back, there is nothing yet to be torn from. */
const JOINING_JUMP_S = 0.2

/** With less than this ahead it is never faster: that would only end in a stall. */
const SPARE_S = 0.15

/**
 * @typedef {object} Correction
 * @property {number} rate
 * @property {number | undefined} jump where to go on, in media seconds
 */

export class LiveEdge {
  #correcting = false

  /**
   * @param {object} at
   * @param {number} at.playhead where playing is, in media seconds
   * @param {number} at.target where it should be
   * @param {number} at.end what is buffered in one piece from the playhead on ends here
   * @param {boolean} at.joining
   * @returns {Correction}
   */
  correct ({ playhead, target, end, joining }) {
    const error = target - playhead
    if (error > (joining ? JOINING_JUMP_S : JUMP_S) && end - playhead > JOINING_JUMP_S) {
      this.#correcting = false
      return { rate: 1, jump: Math.min(target, end - STOP_S) }
    }
    this.#correcting = Math.abs(error) > (this.#correcting ? STOP_S : START_S)
    const rate = this.#correcting ? rateFor(error) : 1
    return { rate: end - playhead < SPARE_S ? Math.min(rate, 1) : rate, jump: undefined }
  }
}

/** @param {number} error */
function rateFor (error) {
  // At least a step, or a small error would stay.
  const steps = Math.max(1, Math.round(Math.abs(error) * RATE_PER_SECOND / RATE_STEP)) * Math.sign(error)
  return Math.min(MAX_RATE, Math.max(MIN_RATE, 1 + steps * RATE_STEP))
}
