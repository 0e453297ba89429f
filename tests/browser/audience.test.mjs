// Several viewers of one streamer: they carry its stream for each other, and outlive each other, the tracker and the
// streamer.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { Forwarder } from './forwarder.mjs'
import { measure, until, untilPlayed, untilStatus } from './watching.mjs'

const VIEWERS = 4
/** Twelve seconds of stream: enough for the mesh to settle, and for a loss to show. */
const SEGMENTS = 48
/** A group of pictures: what a viewer may miss that has to go on at the next key frame, on a machine that is busy. */
const GROUP = 8

/** @typedef {import('./browsers.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {Channel} */
let channel
/** @type {Page[]} */
let pages
before(async () => { browser = await openChromium() })
after(() => browser?.close())
beforeEach(() => {
  channel = new Channel()
  pages = []
})
afterEach(async () => {
  await Promise.all(pages.map(page => page.close()))
  channel.remove()
})

/**
 * Has the audience watch, or so many more of it, each in a process of its own.
 * @param {string} link
 */
async function watch (link, viewers = VIEWERS) {
  for (let count = 0; count < viewers; count++) {
    const page = await browser.newPage({ viewport: { width: 480, height: 360 } })
    pages.push(page)
    await page.addInitScript(breakable)
    await page.goto(link)
    await untilPlayed(page, 2)
  }
}

/**
 * Whom a page is connected to.
 * @param {Page} page
 */
async function neighbours (page) {
  const measured = await measure(page)
  return new Set(measured?.peers.map(({ peer }) => peer))
}

/** Runs in the page before its own scripts: lets a test break its connections. */
function breakable () {
  /** @type {Set<RTCDataChannel>} */
  const channels = new Set()
  const keep = (/** @type {RTCDataChannel} */ channel) => {
    channels.add(channel)
    channel.addEventListener('close', () => channels.delete(channel))
  }
  Object.assign(window, {
    /** Breaks all connections but one. */
    breakConnections: () => {
      for (const channel of [...channels].filter(each => each.readyState === 'open').slice(1)) channel.close()
    }
  })
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor (/** @type {RTCConfiguration | undefined} */ configuration) {
      super(configuration)
      this.addEventListener('datachannel', event => keep(event.channel))
    }

    createDataChannel (/** @type {[string]} */ ...args) {
      const channel = super.createDataChannel(...args)
      keep(channel)
      return channel
    }
  }
}

/**
 * Ends a viewer's process: it says goodbye to nobody.
 * @param {Page} page
 */
async function kill (page) {
  const crashed = page.waitForEvent('crash')
  const session = await page.context().newCDPSession(page)
  session.send('Page.crash').catch(() => {})
  await crashed
  pages.splice(pages.indexOf(page), 1)
  await page.close()
}

/**
 * Waits until everyone plays so many more segments.
 * @param {number} segments
 */
function untilAllPlayed (segments) {
  return Promise.all(pages.map(page => untilPlayed(page, segments)))
}

/** What each page has missed so far. */
async function missed () {
  return Promise.all(pages.map(async page => (await measure(page))?.missingSegments ?? NaN))
}

test('four viewers cost the streamer less than two copies, and one that is killed is not missed', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  await watch(app.link)
  await untilAllPlayed(8)
  const before = app.stats
  const missedBefore = await missed()
  assert.ok(before)
  await untilAllPlayed(SEGMENTS / 2)
  const [victim, ...others] = pages
  await kill(victim)
  const survivors = await untilAllPlayed(SEGMENTS / 2)
  assert.equal(survivors.length, others.length)
  const after = app.stats
  assert.ok(after)
  const published = after.stream_bytes - before.stream_bytes
  const copies = (after.uploaded_bytes - before.uploaded_bytes) / published
  const missedSince = (await missed()).map((count, at) => count - missedBefore[at + 1])
  context.diagnostic(`${copies.toFixed(2)} copies of ${published} bytes; missed ${missedSince}`)
  assert.ok(copies < 2, `${copies} copies`)
  assert.ok(missedSince.every(count => count <= GROUP), `missed: ${missedSince}`)
  await app.stop()
})

test('a page that is closed says goodbye: it is missed before one that vanished earlier', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  await watch(app.link, 2)
  const [page, victim] = pages
  await until(page, 'the streamer and a viewer', ({ peers }) => peers.length === 2)
  const before = await neighbours(page)
  await watch(app.link, 1)
  await until(page, 'one more viewer', ({ peers }) => peers.length === 3)
  await kill(victim)
  await pages.pop()?.close()
  await until(page, 'one viewer less', ({ peers }) => peers.length < 3)
  assert.deepEqual(await neighbours(page), before)
  await untilPlayed(page, GROUP)
  await app.stop()
})

test('without the tracker everyone watches on, and a viewer that loses its neighbours finds others through one', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  const forwarder = await Forwarder.to(context, app.address)
  await watch(forwarder.linkThrough(app.link))
  // Neighbours have named their neighbours by then.
  await untilAllPlayed(24)
  forwarder.cut()
  await Promise.all(pages.map(page => until(page, 'a lost tracker', ({ swarm }) => swarm?.trackersOpen === 0)))
  await untilAllPlayed(8)
  const [lonely] = pages
  const { peers } = await untilStatus(lonely, 'live')
  const old = new Set(peers.map(peer => peer.connection))
  await lonely.evaluate(() => /** @type {any} */ (window).breakConnections())
  const healed = await until(lonely, 'new neighbours', ({ peers }) => peers.filter(peer => !old.has(peer.connection)).length >= 2)
  assert.equal(healed.swarm?.trackersOpen, 0)
  await untilAllPlayed(12)
  // Now most of those that it lives on are gone for good.
  for (const victim of pages.slice(1, -1)) await kill(victim)
  await untilAllPlayed(12)
  await app.stop()
})

test('everyone sees that the streamer is gone, and goes on with it when it is back on the same link', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  await watch(app.link)
  await untilAllPlayed(8)
  await app.kill()
  await Promise.all(pages.map(page => untilStatus(page, 'reconnecting')))
  const back = await App.live(context, channel, { ...SMALL_PICTURE, listen: app.address })
  assert.equal(back.link, app.link)
  await untilAllPlayed(8)
  await back.stop()
})
