// Rings at a time, also in a tab that nobody sees: there browsers let a page's own timers ring once a second at most, and
// a worker's whenever they are due.

const WORKER = new URL('alarm-worker.js', import.meta.url)

export class Alarm {
  #ring
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Local milliseconds at which it is to ring. @type {number | undefined} */
  #at
  /** Made when the tab is hidden for the first time. @type {Worker | undefined} */
  #worker
  #onvisibility = () => { if (this.#at !== undefined) this.set(this.#at) }

  /** @param {() => void} ring */
  constructor (ring) {
    this.#ring = ring
    document.addEventListener('visibilitychange', this.#onvisibility)
  }

  /** @param {number} at milliseconds of `performance.now()`; it replaces the time set before */
  set (at) {
    this.#at = at
    clearTimeout(this.#timer)
    const wait = Math.max(0, at - performance.now())
    this.#timer = setTimeout(() => this.#rang(), wait)
    if (document.hidden) this.#workerNow()?.postMessage(wait)
  }

  close () {
    document.removeEventListener('visibilitychange', this.#onvisibility)
    clearTimeout(this.#timer)
    this.#at = undefined
    this.#worker?.terminate()
  }

  /** The worker's ring and the timer's are for the same time: whichever comes first counts. */
  #rang () {
    if (this.#at === undefined || performance.now() < this.#at - 1) return
    clearTimeout(this.#timer)
    this.#at = undefined
    this.#ring()
  }

  #workerNow () {
    if (this.#worker === undefined) {
      this.#worker = new Worker(WORKER, { type: 'module' })
      this.#worker.onmessage = () => this.#rang()
    }
    return this.#worker
  }
}
