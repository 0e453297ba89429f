// A tab that nobody sees, with all that Chromium spares there: it goes on with the sound alone, and when it is seen again
// the picture is there, at the live moment.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openTabbedChromium } from './browsers.mjs'
import { measure, until, untilPlayed } from './watching.mjs'

/** Chromium waits ten seconds before it leaves out the picture: people look back soon, or not for long. */
const PATIENCE_MS = 40_000

/** @param {import('./browsers.mjs').Page} page */
function decoded (page) {
  return page.evaluate(() => {
    const video = /** @type {HTMLVideoElement & { webkitAudioDecodedByteCount: number }} */ (document.querySelector('video'))
    return {
      pictures: video.getVideoPlaybackQuality().totalVideoFrames,
      sound: video.webkitAudioDecodedByteCount,
      time: video.currentTime
    }
  })
}

test('a hidden tab plays on with the sound alone, and shows the picture at the live moment when it is seen again', async context => {
  const channel = new Channel()
  context.after(() => channel.remove())
  const app = await App.live(context, channel, { ...SMALL_PICTURE, source: 'test', title: 'Open air', details: ['--author', 'The Band'] })
  const tabs = await openTabbedChromium()
  context.after(() => tabs.close())
  const page = await tabs.newPage()
  await page.goto(app.link)
  const seen = await untilPlayed(page, 8)
  assert.deepEqual(await page.evaluate(() => {
    const { title, artist } = navigator.mediaSession.metadata ?? {}
    return { title, artist }
  }), { title: 'Open air', artist: 'The Band' })

  const inFront = await tabs.newPage()
  await inFront.bringToFront()
  await page.waitForFunction(() => document.hidden)
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const before = await decoded(page)
    await sleep(2000)
    const now = await decoded(page)
    if (now.pictures === before.pictures) {
      assert.ok(now.time > before.time + 1 && now.sound > before.sound, `the sound goes on: ${JSON.stringify({ before, now })}`)
      break
    }
    assert.ok(Date.now() < deadline, `pictures are still decoded: ${now.pictures}`)
  }
  const hidden = await untilPlayed(page, 8)
  assert.deepEqual([hidden.missingSegments, hidden.rebuilds], [seen.missingSegments, seen.rebuilds])

  const { pictures } = await decoded(page)
  await page.bringToFront()
  for (const deadline = Date.now() + PATIENCE_MS; (await decoded(page)).pictures < pictures + 15;) {
    assert.ok(Date.now() < deadline, 'pictures again')
    await sleep(50)
  }
  await until(page, 'the live moment', ({ delay, rate }) => rate === 1 && (delay ?? Infinity) < 3)
  const again = await measure(page)
  assert.deepEqual([again?.missingSegments, again?.rebuilds], [seen.missingSegments, seen.rebuilds])
  await app.stop()
})
