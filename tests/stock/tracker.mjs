// The stock WebTorrent tracker client (npm bittorrent-tracker) against this project's tracker, in headless Chromium
// with real WebRTC: `node tracker.mjs ws://HOST:PORT/announce`. tests/tracker/stock.rs starts the server and runs it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'

const trackerUrl = process.argv[2]
assert.ok(trackerUrl, 'say which tracker: node tracker.mjs ws://HOST:PORT/announce')

/** How long anything may take that should happen at once, on a busy machine. */
const SOON = 30_000
const STREAMER = 1
const VIEWER = 2

/** @type {import('puppeteer-core').Browser} */
let browser

/** The stock client as a browser loads it. */
const clientScript = build({
  stdin: {
    contents: "import Client from 'bittorrent-tracker/client'; globalThis.TrackerClient = Client",
    resolveDir: fileURLToPath(new URL('.', import.meta.url))
  },
  bundle: true,
  define: { global: 'globalThis', 'process.browser': 'true' },
  write: false
}).then(result => result.outputFiles[0].text)

before(async () => {
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // There is no multicast DNS in a container, so host candidates must carry addresses.
    args: ['--no-sandbox', '--disable-features=WebRtcHideLocalIpsWithMdns']
  })
})

after(async () => {
  await browser?.close()
})

/**
 * A page with a stock client in it. What the client emits is kept on the page's `seen`, by event.
 *
 * @param {number} swarm one byte, of which the info-hash consists; swarms of different tests do not meet
 * @param {number} peer one byte, of which the peer id consists
 */
async function openClient (swarm, peer) {
  const page = await browser.newPage()
  page.setDefaultTimeout(SOON)
  await page.addScriptTag({ content: await clientScript })
  await page.evaluate((trackerUrl, swarm, peer) => {
    globalThis.seen = { update: [], scrape: [], warning: [], received: [] }
    globalThis.client = new globalThis.TrackerClient({
      infoHash: new Uint8Array(20).fill(swarm),
      peerId: new Uint8Array(20).fill(peer),
      announce: [trackerUrl],
      port: 1
    })
    for (const name of ['update', 'scrape']) {
      client.on(name, ({ complete, incomplete }) => seen[name].push({ complete, incomplete }))
    }
    for (const name of ['warning', 'error']) {
      client.on(name, error => seen.warning.push(error.message))
    }
    client.on('peer', connection => {
      connection.on('connect', () => connection.send(`hello from ${peer}`))
      connection.on('data', data => seen.received.push(new TextDecoder().decode(data)))
    })
  }, trackerUrl, swarm, peer)
  return page
}

/**
 * Waits until a client has emitted so many of an event, and returns the last.
 *
 * @param {import('puppeteer-core').Page} page
 * @param {string} event
 * @param {number} count
 */
async function seen (page, event, count) {
  await page.waitForFunction((event, count) => seen[event].length >= count, {}, event, count)
  return page.evaluate(event => seen[event].at(-1), event)
}

/** @param {import('puppeteer-core').Page[]} pages */
async function assertNoWarnings (...pages) {
  for (const page of pages) {
    assert.deepEqual(await page.evaluate(() => seen.warning), [])
    await page.close()
  }
}

test('two stock clients find each other, connect and talk', async () => {
  const streamer = await openClient(0xa1, STREAMER)
  await streamer.evaluate(() => client.start({ left: 0, numwant: 0 }))
  assert.deepEqual(await seen(streamer, 'update', 1), { complete: 1, incomplete: 0 })

  const viewer = await openClient(0xa1, VIEWER)
  await viewer.evaluate(() => client.start({ left: 1000, numwant: 3 }))
  assert.deepEqual(await seen(viewer, 'update', 1), { complete: 1, incomplete: 1 })
  assert.equal(await seen(viewer, 'received', 1), `hello from ${STREAMER}`)
  assert.equal(await seen(streamer, 'received', 1), `hello from ${VIEWER}`)
  await assertNoWarnings(streamer, viewer)
})

test('a magnet link without metadata connects too', async () => {
  // Such a client does not know what it lacks and says Infinity, which JSON has no word for.
  const streamer = await openClient(0xa2, STREAMER)
  await streamer.evaluate(() => client.start({ left: 0, numwant: 0 }))
  await seen(streamer, 'update', 1)
  const viewer = await openClient(0xa2, VIEWER)
  await viewer.evaluate(() => client.start({ left: Infinity, numwant: 1 }))
  assert.deepEqual(await seen(viewer, 'update', 1), { complete: 1, incomplete: 1 })
  assert.equal(await seen(viewer, 'received', 1), `hello from ${STREAMER}`)
  await assertNoWarnings(streamer, viewer)
})

test('completed, stopped and scraped swarms are counted right', async () => {
  const first = await openClient(0xa3, STREAMER)
  const second = await openClient(0xa3, VIEWER)
  await first.evaluate(() => client.start({ left: 10, numwant: 0 }))
  assert.deepEqual(await seen(first, 'update', 1), { complete: 0, incomplete: 1 })
  await second.evaluate(() => client.start({ left: 10, numwant: 0 }))
  assert.deepEqual(await seen(second, 'update', 1), { complete: 0, incomplete: 2 })

  await first.evaluate(() => client.complete({ left: 0 }))
  assert.deepEqual(await seen(first, 'update', 2), { complete: 1, incomplete: 1 })
  await second.evaluate(() => client.scrape())
  assert.deepEqual(await seen(second, 'scrape', 1), { complete: 1, incomplete: 1 })

  await first.evaluate(() => client.stop())
  assert.deepEqual(await seen(first, 'update', 3), { complete: 0, incomplete: 1 })
  await second.evaluate(() => client.scrape())
  assert.deepEqual(await seen(second, 'scrape', 2), { complete: 0, incomplete: 1 })
  await assertNoWarnings(first, second)
})

test('a closed page is not counted any more', async () => {
  const streamer = await openClient(0xa4, STREAMER)
  await streamer.evaluate(() => client.start({ left: 0, numwant: 0 }))
  await seen(streamer, 'update', 1)
  const viewer = await openClient(0xa4, VIEWER)
  await viewer.evaluate(() => client.start({ left: 10, numwant: 0 }))
  await seen(viewer, 'update', 1)
  await assertNoWarnings(viewer)
  // The page is gone before its socket is; asked soon enough, the tracker still counts it.
  let counted
  for (let asked = 0; asked < SOON / 100 && counted?.incomplete !== 0; asked++) {
    await sleep(100)
    await streamer.evaluate(() => client.update({ numwant: 0 }))
    counted = await seen(streamer, 'update', 2 + asked)
  }
  assert.deepEqual(counted, { complete: 1, incomplete: 0 })
  await assertNoWarnings(streamer)
})
