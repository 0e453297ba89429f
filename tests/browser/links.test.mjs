// Links that lead elsewhere than to the streamer's own computer: to a hub, or to a page among files.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import StockTracker from 'bittorrent-tracker/server'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { Hub } from './hub.mjs'
import { listen, playBy } from './one_tracker.mjs'
import { measure, untilPlayed, words } from './watching.mjs'

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/**
 * The tracker that WebTorrent's own people run, from npm.
 * @param {{ after: (end: () => unknown) => void }} context
 */
async function stockTracker (context) {
  const tracker = new StockTracker({ udp: false, http: false, ws: true, stats: false })
  tracker.listen(0, '127.0.0.1')
  await once(tracker, 'listening')
  context.after(() => new Promise(resolve => tracker.close(resolve)))
  return `ws://127.0.0.1:${tracker.ws.address().port}/`
}

test('a page among files at a sub-path plays a stream by the trackers in the link', async context => {
  await playBy(context, browser, channel, await stockTracker(context))
})

test('viewers get the page from a hub, go on when it is gone, and are met there again when it is back', async context => {
  const hub = await Hub.run(context)
  const { address } = hub
  const app = await App.live(context, channel, { ...SMALL_PICTURE, details: ['--hub', hub.url] })
  assert.ok(app.link.startsWith(`http://${address}/#`), app.link)
  assert.ok(!app.link.includes('&'), app.link)
  const page = await browser.newPage()
  const hosts = listen(page)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  assert.deepEqual([...hosts], [address])
  await hub.kill()
  await untilPlayed(page, 16)
  assert.equal((await measure(page))?.missingSegments, 0)
  const again = await Hub.run(context, { listen: address })
  const late = await browser.newPage()
  await late.goto(app.link)
  await untilPlayed(late, 4)
  await page.close()
  await late.close()
  await app.stop()
  await again.kill()
})

test('a page says at each tracker which part its channel meets at, as the program does', async context => {
  const hub = await Hub.run(context)
  const page = await browser.newPage()
  await page.goto(new URL('/health', hub.url).href)
  const said = await page.evaluate(async () => {
    const module = '/swarm/tracker-part.js'
    const { withPart } = await import(module)
    const address = new URL('https://host/#-_v7&tr=wss://t.example')
    const urls = ['wss://t.example/announce', 'ws://t.example', 'wss://t.example/?key=1', 'wss://t.example/?part=xy']
    return urls.map(url => withPart(url, address))
  })
  // src/seeder/tracker_part.rs expects the same.
  assert.deepEqual(said, [
    'wss://t.example/announce?part=-_', 'ws://t.example?part=-_', 'wss://t.example/?key=1&part=-_', 'wss://t.example/?part=xy'
  ])
  await page.close()
})

test('a page asks the servers that its link and its host name, and no others', async context => {
  const hub = await Hub.run(context)
  const page = await browser.newPage()
  // A page of the same origin that does nothing by itself.
  await page.goto(new URL('/health', hub.url).href)
  const found = await page.evaluate(async () => {
    const module = '/swarm/meeting-places.js'
    const { iceServersOf, trackersOf } = await import(module)
    const address = (/** @type {string} */ words) => new URL(`https://host/page/#key${words}`)
    const named = (/** @type {string} */ content) => {
      const meta = document.createElement('meta')
      Object.assign(meta, { name: 'ice-servers', content })
      const part = document.createDocumentFragment()
      part.append(meta)
      return part
    }
    const none = document.createDocumentFragment()
    const turn = { urls: 'turn:turn.example', username: 'ada', credential: 'sesame' }
    return {
      plain: [trackersOf(address('')), iceServersOf(address(''), none)],
      named: [trackersOf(address('&tr=wss%3A//t.example/&later=1&tr=%E0')), iceServersOf(address('&stun=[2001:db8::1]:3478'), none)],
      among_files: trackersOf(address('&static&tr=wss://t.example/')),
      wrong: iceServersOf(address('&stun=host&stun=a%20b:1'), named('[{"urls":"nonsense:x"}]')),
      many: iceServersOf(address('&stun=host:1'.repeat(9)), none).length,
      turn: iceServersOf(address(''), named(JSON.stringify([turn])))
    }
  })
  assert.deepEqual(found.plain, [['wss://host/announce'], []])
  assert.deepEqual(found.named, [['wss://host/announce', 'wss://t.example/'], [{ urls: 'stun:[2001:db8::1]:3478' }]])
  assert.deepEqual(found.among_files, ['wss://t.example/'])
  assert.deepEqual(found.wrong, [])
  assert.equal(found.many, 4)
  assert.equal(found.turn[0].credential, 'sesame')
  await page.close()
})

test('a page whose scripts do not come is loaded again, as soon as its server is there', async context => {
  const app = await App.live(context, channel)
  const page = await browser.newPage({ locale: 'pt' })
  let loads = 0
  page.on('domcontentloaded', () => { loads += 1 })
  let [scripts, heads] = [0, 0]
  // A module that others import: the network changes while it is on its way. What was only preloaded is asked for again.
  await page.route('**/swarm/driver.js', route => (scripts += 1) <= 2 ? route.abort('connectionaborted') : route.continue())
  await page.route(url => url.pathname === '/', route => {
    const isLost = route.request().method() === 'HEAD' && (heads += 1) === 1
    return isLost ? route.abort('internetdisconnected') : route.continue()
  })
  await page.goto(app.link)
  const loadedAgain = page.waitForEvent('domcontentloaded')
  await page.getByText('A página não carregou por inteiro').waitFor()
  assert.match((await words(page)).notice, /Este aparelho está conectado/)
  await loadedAgain
  await untilPlayed(page, 4)
  assert.deepEqual([loads, scripts, heads], [2, 3, 2])
  // What comes later counts from the beginning.
  assert.equal(await page.evaluate(() => history.state), null)
  await page.close()
  await app.stop()
})

test('a page whose scripts never come says so in the end', async context => {
  const app = await App.live(context, channel)
  const page = await browser.newPage()
  await page.addInitScript(() => {
    const { setTimeout } = window
    window.setTimeout = /** @type {any} */ ((/** @type {() => void} */ callback, /** @type {number} */ delay) => setTimeout(callback, delay / 20))
  })
  let scripts = 0
  await page.route('**/main.js', route => {
    scripts += 1
    return route.abort('connectionaborted')
  })
  await page.goto(app.link)
  await page.getByText('Load it again, or try another network.').waitFor()
  assert.equal(scripts, 6)
  await page.close()
  await app.stop()
})
