import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { App, Channel } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { untilPlayed, untilStatus, words } from './watching.mjs'

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {Channel} */
let channel
/** @type {import('./browsers.mjs').Page} */
let page
before(async () => { browser = await openChromium() })
after(() => browser?.close())
beforeEach(async () => {
  channel = new Channel()
  page = await browser.newPage()
})
afterEach(async () => {
  await page.close()
  channel.remove()
})

test('a broadcast that stops is shown as ended, and the next one on the same link plays without a reload, in another size', async context => {
  const app = await App.live(context, channel, { title: 'First' })
  await page.goto(app.link)
  await untilPlayed(page, 4)
  const stopping = app.stop()
  await untilStatus(page, 'ended')
  const shown = await words(page)
  assert.match(shown.notice, /broadcast has ended/)
  assert.equal(shown.badge, 'Ended')
  assert.match(shown.announcement ?? '', /ended/)
  await stopping
  const next = await App.live(context, channel, { listen: app.address, title: 'Second', resolution: '360p' })
  assert.equal(next.link, app.link)
  const again = await untilPlayed(page, 4)
  assert.equal(again.title, 'Second')
  assert.equal(again.rebuilds, 0)
  assert.equal(await page.evaluate(() => document.querySelector('video')?.videoHeight), 360)
  await next.stop()
})

test('a pause is said, holds the last picture and sends nothing, and what follows plays by itself', async context => {
  const app = await App.live(context, channel)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  app.tell('pause')
  await untilStatus(page, 'paused')
  const shown = await words(page)
  assert.match(shown.notice, /The streamer has paused\s+It goes on here by itself/)
  assert.equal(shown.badge, 'Paused')
  assert.match(shown.announcement ?? '', /paused/)
  assert.match(await page.locator('#viewers').innerText(), /1 watching/)
  const video = () => page.locator('#video').evaluate(video => {
    const { currentTime, videoWidth } = /** @type {HTMLVideoElement} */ (video)
    return { currentTime, videoWidth }
  })
  // What was on its way is played to its end.
  let before = await video()
  for (let same = 0; same < 5; same += 1) {
    await page.waitForTimeout(200)
    const now = await video()
    if (now.currentTime !== before.currentTime) same = 0
    before = now
  }
  assert.equal(before.videoWidth, 1280, 'the last picture stays')
  const sent = app.stats?.stream_bytes
  await page.waitForTimeout(2500)
  assert.equal(app.stats?.stream_bytes, sent, 'nothing is sent')
  assert.equal((await words(page)).badge, 'Paused')
  app.tell('continue')
  await untilStatus(page, 'live')
  await page.waitForFunction(time => (document.querySelector('video')?.currentTime ?? 0) > time + 2, before.currentTime)
  await app.stop()
})

test('a streamer that vanishes is waited for, and played again when it comes back', async context => {
  const app = await App.live(context, channel)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  await app.kill()
  await untilStatus(page, 'reconnecting')
  assert.match((await words(page)).notice, /Reconnecting/)
  const back = await App.live(context, channel, { listen: app.address })
  await untilPlayed(page, 4)
  await back.stop()
})

test('before the streamer is live the page waits for it, and then plays by itself', async context => {
  // Somebody else's program serves page and tracker; the channel's own streamer comes later, at the same tracker.
  const app = await App.live(context, channel)
  await app.stop()
  const other = new Channel()
  const elsewhere = await App.live(context, other, { listen: app.address })
  await page.goto(app.link)
  await untilStatus(page, 'waiting')
  assert.match((await words(page)).notice, /Waiting for the streamer/)
  await elsewhere.stop()
  const streamer = await App.live(context, channel, { listen: app.address })
  await untilPlayed(page, 4)
  await streamer.stop()
  other.remove()
})

test('who joins while others watch plays too, and each counts both', async context => {
  const app = await App.live(context, channel)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  const second = await browser.newPage()
  await second.goto(app.link)
  const played = await untilPlayed(second, 8)
  assert.equal(played.missingSegments, 0)
  assert.equal(played.swarm?.viewers, 2)
  await second.close()
  await app.stop()
})

test('a link without a channel, or with a damaged one, is said to be wrong', async context => {
  const app = await App.live(context, channel)
  const { origin } = new URL(app.link)
  for (const link of [`${origin}/`, `${origin}/#abc`, `${app.link}x`]) {
    await page.goto('about:blank')
    await page.goto(link)
    await untilStatus(page, 'bad-link')
    assert.match((await words(page)).notice, /This link does not work\s+.*copy the whole link again/s)
  }
  await app.stop()
})
