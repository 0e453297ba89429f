import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { openDisplay } from './display.mjs'
import { measure, untilPlayed } from './watching.mjs'

/** For what takes a second on an idle machine. */
const PATIENCE_MS = 20_000

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/**
 * @param {string} display
 * @param {string} colour
 */
function paint (display, colour) {
  execFileSync('xsetroot', ['-display', display, '-solid', colour])
}

/**
 * A pixel of the picture, in a page that plays. Not its middle: there is the mouse pointer.
 * @param {import('./browsers.mjs').Page} page
 * @returns {Promise<number[]>} red, green, blue
 */
function pixel (page) {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    context.drawImage(video, video.videoWidth / 4, video.videoHeight / 4, 1, 1, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })
}

/**
 * @param {import('./browsers.mjs').Page} page
 * @param {string} what
 * @param {(pixel: number[]) => boolean} seen
 */
async function untilSeen (page, what, seen) {
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const colours = await pixel(page)
    if (seen(colours)) return
    assert.ok(Date.now() < deadline, `${what} is seen in time; ${colours}`)
    await sleep(100)
  }
}

test('what a screen shows is what viewers see, and it changes with the screen', async context => {
  const display = await openDisplay(context)
  paint(display, '#d02020')
  const app = await App.live(context, channel, { source: 'screen', display })
  const page = await browser.newPage()
  await page.goto(app.link)
  await untilPlayed(page, 4)
  await untilSeen(page, 'red', ([red, green, blue]) => red > 150 && green < 90 && blue < 90)
  paint(display, '#20b040')
  await untilSeen(page, 'green', ([red, green, blue]) => red < 90 && green > 130 && blue < 110)
  assert.equal((await measure(page))?.missingSegments, 0)
  await app.stop()
})
