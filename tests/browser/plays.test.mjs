import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel } from './app.mjs'
import { openChromium, openFirefox } from './browsers.mjs'
import { makeClip, showsClip } from './clip.mjs'
import { loudest } from './hearing.mjs'
import { quantile, readStrips, takeStrips } from './strip.mjs'
import { measure, until, untilPlayed, words } from './watching.mjs'

/** How long the test source is watched. */
const WATCHED_S = 30
/** …and the clip, which goes the same way. */
const CLIP_WATCHED_S = 5
/** Slower is no live picture on any machine. */
const MIN_FRAMES_PER_SECOND = 10

for (const openBrowser of [openChromium, openFirefox]) {
  describe(openBrowser.name.replace('open', ''), () => {
    const channel = new Channel()
    /** @type {Awaited<ReturnType<typeof openFirefox>>} */
    let browser
    before(async () => { browser = await openBrowser() })
    after(async () => {
      await browser?.close()
      channel.remove()
    })

    test('plays the test source: no segment is missing, each frame is right, and the beep is heard', async context => {
      const app = await App.live(context, channel, { title: 'Morning show' })
      const page = await browser.newPage()
      await page.goto(app.link)
      const begun = await untilPlayed(page, 8)
      await readStrips(page)
      await sleep(WATCHED_S * 1000)
      const strips = await takeStrips(page)
      const ended = await measure(page)
      assert.ok(ended)
      context.diagnostic(`delay by the strip: p50 ${quantile(strips.delays, 0.5)} ms, p95 ${quantile(strips.delays, 0.95)} ms; ` +
        `first frame after ${Math.round(ended.firstFrameMillis ?? NaN)} ms; ${ended.stalls} stalls`)
      assert.equal(ended.status, 'live')
      assert.equal(ended.missingSegments, 0)
      assert.equal(ended.rebuilds, 0)
      const expected = WATCHED_S * 1000 / 250
      assert.ok(ended.segments - begun.segments >= expected * 0.8, `${ended.segments} segments`)
      assert.equal(strips.unreadable, 0)
      assert.ok(strips.frames > WATCHED_S * MIN_FRAMES_PER_SECOND, `${strips.frames} frames`)
      assert.equal((await words(page)).title, 'Morning show')
      assert.ok(await loudest(page, 3) > 0.01, 'silent')
      await page.close()
      await app.stop()
    })

    test('plays a file: picture and sound are the file’s', async context => {
      const clip = join(channel.folder, 'clip.mp4')
      makeClip(clip)
      const app = await App.live(context, channel, { source: `file:${clip}` })
      const page = await browser.newPage()
      await page.goto(app.link)
      await untilPlayed(page, 4)
      // What has come is decoded a moment later.
      await until(page, 'the first picture', measured => measured.firstFrameMillis !== undefined)
      assert.ok(await showsClip(page), 'another picture')
      await untilPlayed(page, CLIP_WATCHED_S * 4)
      assert.ok(await showsClip(page), 'another picture later on')
      assert.equal((await measure(page))?.missingSegments, 0)
      assert.ok(await loudest(page, 2) > 0.01, 'silent')
      await page.close()
      await app.stop()
    })
  })
}
