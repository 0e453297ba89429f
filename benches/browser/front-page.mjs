// From navigation to a hub's front page with 200 channels in it and painted, in Chromium, each time in a browser profile that
// has never seen the page. Each channel has a thumbnail of its own.

import { openChromium } from '../../tests/browser/browsers.mjs'
import { Hub, signedCard } from '../../tests/browser/hub.mjs'
import { quantile } from '../../tests/browser/strip.mjs'
import { options, say } from './session.mjs'

const { times, json } = options({ times: 10 })
const CHANNELS = 200

/** @type {(() => unknown)[]} */
const ends = []
const hub = await Hub.run({ after: end => ends.push(end) })
const browser = await openChromium()
try {
  const thumbnail = await noise()
  let listedAt = -Infinity
  // Cards expire after a minute, and a channel may not renew its own each second.
  const listAll = async () => {
    if (Date.now() - listedAt < 30_000) return
    listedAt = Date.now()
    for (let channel = 0; channel < CHANNELS; channel++) {
      const said = { title: `Channel ${channel}`, author: 'Somebody', viewers: channel, category: 'music', thumbnail }
      await hub.list(signedCard(channel, said), `127.0.0.${2 + channel % 20}`)
    }
  }
  /** @type {number[]} */
  const shown = []
  for (let time = 0; time < times; time++) {
    await listAll()
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
    const page = await context.newPage()
    await page.addInitScript(channels => {
      const look = () => {
        if (document.querySelectorAll('.card').length < channels) return void requestAnimationFrame(look)
        // The frame after the one that has them is after they were painted.
        requestAnimationFrame(() => { Object.assign(window, { shownMillis: performance.now() }) })
      }
      requestAnimationFrame(look)
    }, CHANNELS)
    await page.goto(`${hub.url}live/`)
    const handle = await page.waitForFunction(() => /** @type {any} */ (window).shownMillis)
    shown.push(Math.round(/** @type {number} */ (await handle.jsonValue())))
    await context.close()
  }
  say([{
    channels: CHANNELS,
    openings: times,
    'shown p50 ms': quantile(shown, 0.5),
    'shown p95 ms': quantile(shown, 0.95)
  }], json)
} finally {
  await browser.close()
  for (const end of ends) await end()
}

/** A picture that takes as many bytes as pictures take. */
async function noise () {
  const page = await browser.newPage()
  const jpeg = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 })
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    for (let spot = 0; spot < 2000; spot++) {
      context.fillStyle = `hsl(${spot * 137 % 360} 60% 50%)`
      context.fillRect(spot * 61 % 320, spot * 37 % 180, 24, 24)
    }
    return canvas.toDataURL('image/jpeg', 0.75).split(',')[1]
  })
  await page.close()
  return Buffer.from(/** @type {string} */ (jpeg), 'base64')
}
