// What a person sees and decides of passing the stream on.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium, openTabbedChromium } from './browsers.mjs'
import { measure, until, untilPlayed, untilStatus } from './watching.mjs'

/** Several segments. */
const SOME_BYTES = 20_000

/** @typedef {import('./browsers.mjs').Page} Page */

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {App} */
let app
/** What is to be ended after the tests. @type {(() => unknown)[]} */
const ends = []
before(async () => {
  browser = await openChromium()
  app = await App.live({ after: end => ends.push(end) }, channel, SMALL_PICTURE)
})
after(async () => {
  await browser?.close()
  for (const end of ends) await end()
  channel.remove()
})

/** @param {{ newPage: () => Promise<Page> }} [from] */
async function openWatching (from = browser) {
  const page = await from.newPage()
  await page.goto(app.link)
  await untilPlayed(page, 4)
  return page
}

/** @param {Page} page */
async function untilPassingOn (page) {
  const { swarm } = await until(page, 'a swarm', measured => measured.swarm !== undefined)
  const before = swarm?.uploadedPieceBytes ?? 0
  return until(page, 'pieces given to others', measured => (measured.swarm?.uploadedPieceBytes ?? 0) >= before + SOME_BYTES)
}

test('the page says that it passes the stream on and that others see its address, and shows who carries what', async () => {
  const [page, other] = [await openWatching(), await openWatching()]
  await untilPassingOn(page)
  const card = page.getByRole('region', { name: 'You pass it on' })
  assert.match(await card.innerText(), /So far it has given .* to others/)
  assert.match(await card.innerText(), /other viewers can see your IP address/)
  const panel = page.getByRole('region', { name: 'Who carries what' })
  assert.equal(await panel.isVisible(), false)
  await page.keyboard.press('n')
  const { pieces } = await until(page, 'pieces from both', ({ pieces }) => pieces.fromStreamer > 8 && pieces.fromViewer > 8)
  assert.equal(pieces.missing, 0)
  assert.match(await panel.innerText(), /pieces here, \d+\s% of them from the streamer and \d+\s% from viewers; .* on their way, none missing/)
  assert.deepEqual(await panel.getByRole('rowheader').allInnerTexts(), ['The streamer', 'Viewer 1'])
  const drawn = await page.getByRole('img', { name: 'Pieces of the last minute' }).evaluate(canvas => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas)
    const { data } = /** @type {CanvasRenderingContext2D} */ (/** @type {HTMLCanvasElement} */ (canvas).getContext('2d'))
      .getImageData(0, 0, width, height)
    return new Set(new Uint32Array(data.buffer)).size
  })
  assert.ok(drawn >= 3, 'the ground and two kinds of pieces')
  await page.close()
  await other.close()
})

test('who switches passing on off gives nothing more, plays on, and finds it off after a reload', async () => {
  const [page, other] = [await openWatching(), await openWatching()]
  await untilPassingOn(page)
  const passOn = page.getByRole('switch', { name: 'Pass on to others' })
  await passOn.press('Space')
  assert.match(await page.getByRole('region', { name: 'You only receive' }).innerText(), /passes nothing on/)
  // What was under way arrives.
  await untilPlayed(page, 4)
  const given = (await measure(page))?.swarm?.uploadedPieceBytes
  const played = await untilPlayed(page, 12)
  assert.equal(played.swarm?.uploadedPieceBytes, given)
  assert.equal(played.swarm?.uploadOff, true)
  await page.reload()
  const again = await untilPlayed(page, 8)
  assert.equal(await passOn.isChecked(), false)
  assert.equal(again.swarm?.uploadedPieceBytes, 0)
  await passOn.press('Space')
  await untilPassingOn(page)
  await page.close()
  await other.close()
})

test('a tab that helps passes on and plays nothing, until its person watches again', async () => {
  const [helper, other] = [await openWatching(), await openWatching()]
  await helper.getByRole('button', { name: 'Help by keeping this tab open' }).click()
  const begun = await untilStatus(helper, 'helping')
  const helping = await untilPassingOn(helper)
  assert.equal(helping.segments, begun.segments)
  assert.deepEqual(await helper.evaluate(() => {
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    return { source: video.currentSrc && video.getAttribute('src'), buffered: video.buffered.length }
  }), { source: null, buffered: 0 })
  assert.equal((await measure(other))?.missingSegments, 0)
  await helper.locator('#watch-again').click()
  await untilPlayed(helper, 8)
  assert.equal(await helper.locator('#watch-again').isVisible(), false)
  await helper.close()
  await other.close()
})

test('a tab that nobody sees goes on passing on, playing or helping', async () => {
  const tabs = await openTabbedChromium()
  const [hidden, other] = [await openWatching(tabs), await openWatching()]
  const inFront = await tabs.newPage()
  await inFront.bringToFront()
  await hidden.waitForFunction(() => document.hidden)
  await untilPassingOn(hidden)
  await hidden.evaluate(() => /** @type {HTMLElement} */ (document.querySelector('#help')).click())
  await untilStatus(hidden, 'helping')
  await untilPassingOn(hidden)
  const { missingSegments } = await untilPlayed(other, 8)
  assert.equal(missingSegments, 0)
  assert.equal(await hidden.evaluate(() => document.hidden), true)
  await tabs.close()
  await other.close()
})
