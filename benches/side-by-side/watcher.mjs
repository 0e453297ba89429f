// A page that watches, whatever the scheme: when its first picture was shown, how old each picture is, and how many
// RTCPeerConnections were made.

import { readStrips, takeStrips } from '../../tests/browser/strip.mjs'

/** @typedef {import('../../tests/browser/browsers.mjs').Page} Page */

/** After this a page that has shown nothing has not joined. */
const JOIN_PATIENCE_MS = 90_000

export class Watcher {
  #page
  #counts

  /**
   * @param {Page} page
   * @param {(page: Page) => Promise<{ played: number, missing: number }>} counts
   */
  constructor (page, counts) {
    this.#page = page
    this.#counts = counts
  }

  /** Opens the page and waits for its first picture. @param {string} link @returns {Promise<number | undefined>} milliseconds from navigation */
  async join (link) {
    await this.#page.addInitScript(observe)
    await this.#page.goto(link)
    const shown = () => this.#page.evaluate(() => /** @type {any} */ (window).observed.firstFrame)
    for (const deadline = Date.now() + JOIN_PATIENCE_MS; Date.now() < deadline;) {
      const firstFrame = await shown()
      if (firstFrame !== undefined) return firstFrame
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    return undefined
  }

  async begin () {
    await readStrips(this.#page)
  }

  /** What was seen since the last time, and counts from the beginning. */
  async take () {
    const { delays, frames } = await takeStrips(this.#page)
    const connections = await this.#page.evaluate(() => /** @type {any} */ (window).observed.connections)
    return { delays, frames, connections, ...await this.#counts(this.#page) }
  }
}

/** Runs in the page before its own scripts. */
function observe () {
  /** @type {{ connections: number, firstFrame: number | undefined }} */
  const observed = { connections: 0, firstFrame: undefined }
  Object.assign(window, { observed })
  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct (target, args) {
      observed.connections += 1
      return new target(...args)
    }
  })
  const looking = setInterval(() => {
    const video = document.querySelector('video')
    if (video === null) return
    clearInterval(looking)
    video.requestVideoFrameCallback(() => { observed.firstFrame = Math.round(performance.now()) })
  }, 5)
}
