// Hands segments to a SourceBuffer one after another, throws away what was played, and makes room when there is none.

/** What stays behind the playhead. More than the longest group of pictures (10 s), because removing part of a group
 * removes the rest of it too. */
const KEEP_BEHIND_S = 12
/** What stays at most behind the newest picture while nobody plays. */
const KEEP_S = 40
/** Removing costs the browser some work, so it is done in steps of this. */
const TRIM_STEP_S = 6
/** Segments that wait. A browser takes milliseconds for one; one that is so far behind goes on at a key frame. */
const MAX_WAITING = 64

/**
 * @typedef {object} AppendListener
 * @property {() => void} appended there is more to play
 * @property {() => void} overflowed what waited was thrown away; the next segment has to begin with a key frame
 * @property {(reason: string) => void} failed the buffer takes no more
 */

export class AppendQueue {
  #buffer
  #listener
  /** @type {() => number} */
  #playhead
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #waiting = []
  /** What is being appended: it is appended again when there was no room for it. @type {Uint8Array<ArrayBuffer> | undefined} */
  #appending
  #over = false

  /**
   * @param {SourceBuffer} buffer
   * @param {() => number} playhead where playing is, in seconds
   * @param {AppendListener} listener
   */
  constructor (buffer, playhead, listener) {
    this.#buffer = buffer
    this.#playhead = playhead
    this.#listener = listener
    buffer.onerror = () => this.#fail('the browser could not read a segment')
    buffer.onupdateend = () => {
      if (this.#over) return
      const appended = this.#appending !== undefined
      this.#appending = undefined
      this.#next()
      if (appended) listener.appended()
    }
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  append (bytes) {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting = []
      this.#listener.overflowed()
      return
    }
    this.#waiting.push(bytes)
    this.#next()
  }

  close () {
    this.#over = true
    this.#waiting = []
    this.#buffer.onerror = null
    this.#buffer.onupdateend = null
  }

  #next () {
    if (this.#over || this.#buffer.updating || this.#trim()) return
    if (this.#waiting.length === 0) return
    // At the start some come at once. One append of all of them shows a picture sooner than one each.
    const bytes = joined(this.#waiting)
    this.#waiting = []
    this.#appending = bytes
    try {
      this.#buffer.appendBuffer(bytes)
    } catch (error) {
      this.#appending = undefined
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom(bytes)
      else this.#fail(String(error))
    }
  }

  /** @returns {boolean} whether something is being removed */
  #trim () {
    const { buffered } = this.#buffer
    if (buffered.length === 0) return false
    const limit = Math.max(this.#playhead() - KEEP_BEHIND_S, buffered.end(buffered.length - 1) - KEEP_S)
    if (buffered.start(0) + TRIM_STEP_S > limit) return false
    return this.#remove(limit)
  }

  /**
   * There is no room for these bytes: what was played goes, or else everything.
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  #makeRoom (bytes) {
    const { buffered } = this.#buffer
    const played = this.#playhead() - 1
    if (buffered.length > 0 && buffered.start(0) < played) {
      this.#waiting.unshift(bytes)
      this.#remove(played)
      return
    }
    this.#waiting = []
    this.#listener.overflowed()
    if (buffered.length > 0) this.#remove(Infinity)
  }

  /** @param {number} end */
  #remove (end) {
    try {
      this.#buffer.remove(0, end)
      return true
    } catch (error) {
      this.#fail(String(error))
      return true
    }
  }

  /** @param {string} reason */
  #fail (reason) {
    if (this.#over) return
    this.close()
    this.#listener.failed(reason)
  }
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
function joined (parts) {
  if (parts.length === 1) return parts[0]
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
