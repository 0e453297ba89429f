// What goes wrong in a browser is made to go wrong, and the page plays on by itself.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { until, untilPlayed } from './watching.mjs'

/** Nearer than this to what is buffered is live: a group of pictures is 2 s. */
const NEAR_S = 1.5

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {App} */
let app
/** @type {import('./browsers.mjs').Page} */
let page
/** What is to be ended after the tests. @type {(() => unknown)[]} */
const ends = []
before(async () => {
  browser = await openChromium()
  app = await App.live({ after: end => ends.push(end) }, channel)
})
after(async () => {
  await browser?.close()
  for (const end of ends) await end()
  channel.remove()
})
beforeEach(async () => {
  await page?.close()
  page = await browser.newPage()
  await page.addInitScript(breakable)
  await page.goto(app.link)
  await untilPlayed(page, 4)
})

/** Runs in the page before its own scripts: lets a test break what the browser gives it. */
function breakable () {
  /** @type {{ append: ((bytes: Uint8Array<ArrayBuffer>) => boolean) | undefined, wasm: boolean }} */
  const broken = { append: undefined, wasm: false }
  Object.assign(window, { broken })
  const { appendBuffer } = SourceBuffer.prototype
  SourceBuffer.prototype.appendBuffer = function (bytes) {
    // Returns whether the bytes are to be appended.
    if (broken.append?.(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)) ?? true) appendBuffer.call(this, bytes)
    else setTimeout(() => this.dispatchEvent(new Event('updateend')))
  }
  const { instantiateStreaming } = WebAssembly
  WebAssembly.instantiateStreaming = async (...args) => {
    const { instance, module } = await instantiateStreaming(...args)
    const handle = /** @type {Function} */ (instance.exports.viewer_handle)
    const exports = {
      ...instance.exports,
      viewer_handle: (/** @type {unknown[]} */ ...args) => {
        if (!broken.wasm) return handle(...args)
        broken.wasm = false
        throw new WebAssembly.RuntimeError('unreachable')
      }
    }
    return { instance: /** @type {WebAssembly.Instance} */ ({ exports }), module }
  }
}

/** Waits until it plays, near the live edge. */
async function untilLive () {
  await untilPlayed(page, 8)
  return until(page, 'playing near the edge', ({ buffer }) => buffer > 0 && buffer < NEAR_S)
}

test('after a trap in the WebAssembly the swarm is begun anew', async () => {
  await page.evaluate(() => { /** @type {any} */ (window).broken.wasm = true })
  await until(page, 'a new swarm', ({ swarmRestarts }) => swarmRestarts === 1)
  const { rebuilds } = await untilLive()
  assert.equal(rebuilds, 0)
})

test('after a segment that cannot be decoded the stream is put together anew', async () => {
  await page.evaluate(() => {
    const { broken } = /** @type {any} */ (window)
    broken.append = (/** @type {Uint8Array} */ bytes) => {
      broken.append = undefined
      // A box that is longer than it can be.
      bytes.set([0, 0, 0, 1])
      return true
    }
  })
  await until(page, 'a failure', ({ rebuilds }) => rebuilds === 1)
  const { swarmRestarts } = await untilLive()
  assert.equal(swarmRestarts, 0)
})

test('a buffer that is full makes room', async () => {
  await page.evaluate(() => {
    const { broken } = /** @type {any} */ (window)
    let times = 3
    broken.append = () => {
      if (times-- > 0) throw new DOMException('full', 'QuotaExceededError')
      return true
    }
  })
  const { rebuilds } = await untilLive()
  assert.equal(rebuilds, 0)
})

test('a hole in the stream is skipped', async () => {
  await page.evaluate(() => {
    const { broken } = /** @type {any} */ (window)
    let swallowed = 9
    broken.append = () => swallowed-- <= 0
  })
  const { rebuilds } = await untilLive()
  assert.equal(rebuilds, 0)
})

test('a page that was held up for seconds is at the edge again', async () => {
  await page.evaluate(() => {
    const until = performance.now() + 3000
    while (performance.now() < until);
  })
  const { rebuilds, missingSegments } = await untilLive()
  assert.deepEqual({ rebuilds, missingSegments }, { rebuilds: 0, missingSegments: 0 })
})

test('a tab that was put to sleep is at the edge again', async () => {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await sleep(4000)
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await untilLive()
})

test('after a change of network the tracker is reached anew, and playing goes on', async () => {
  let sockets = 0
  page.on('websocket', () => { sockets += 1 })
  await page.context().setOffline(true)
  await page.context().setOffline(false)
  await until(page, 'an open tracker', ({ swarm }) => sockets > 0 && swarm?.trackersOpen === 1)
  const { rebuilds, missingSegments } = await untilLive()
  assert.deepEqual({ rebuilds, missingSegments }, { rebuilds: 0, missingSegments: 0 })
})
