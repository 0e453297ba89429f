// What the streamer says of the broadcast, as the page shows it: a stranger's text, content that not everybody wants to
// see, a link for donations; and the page handed on and in a frame.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { jsqr } from './jsqr.mjs'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { loudest } from './hearing.mjs'
import { until, untilPlayed, words } from './watching.mjs'

const DONATION = 'https://donate.example/band'
const HOSTILE = '<img src=x onerror="document.title=1"> & javascript:alert(1)\nSecond line'

/** @typedef {import('./browsers.mjs').Page} Page */

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {Channel} */
let channel
/** @type {Page} */
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

/**
 * The QR code in a part of the page, read.
 * @param {import('playwright-core').Locator} place
 */
async function readQrCode (place) {
  const picture = (await place.screenshot()).toString('base64')
  const pixels = await page.evaluate(async base64 => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(image.width, image.height).getContext('2d'))
    context.drawImage(image, 0, 0)
    return { width: image.width, height: image.height, data: [...context.getImageData(0, 0, image.width, image.height).data] }
  }, picture)
  return jsqr(Uint8ClampedArray.from(pixels.data), pixels.width, pixels.height)?.data
}

test('all that the streamer says is shown, as text', async context => {
  const app = await App.live(context, channel, {
    ...SMALL_PICTURE,
    title: 'Open air',
    details: ['--author', 'The Band', '--category', 'how-to', '--keyword', 'jazz', '--keyword', '<i>swing</i>',
      '--description', HOSTILE, '--donation', DONATION]
  })
  await page.goto(app.link)
  await untilPlayed(page, 1)
  assert.match(await page.locator('#byline').innerText(), /By The Band.*since.*How To/s)
  assert.equal(await page.locator('#description').innerText(), HOSTILE)
  assert.deepEqual(await page.getByRole('list', { name: 'Keywords' }).getByRole('listitem').allInnerTexts(), ['jazz', '<i>swing</i>'])
  assert.equal(await page.title(), 'Open air – Live on Torrent')
  assert.equal(await page.locator('.about img').count(), 0)
  const donation = page.getByRole('link', { name: DONATION })
  assert.deepEqual(
    await donation.evaluate(link => {
      const { href, rel, target } = /** @type {HTMLAnchorElement} */ (link)
      return { href, rel, target }
    }),
    { href: DONATION, rel: 'noopener noreferrer nofollow', target: '_blank' })
  assert.equal(await readQrCode(page.locator('#donation-qr')), DONATION)
  await app.stop()
})

test('who says nothing of themselves is anonymous, and there is nothing about donations', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  await page.goto(app.link)
  await untilPlayed(page, 1)
  assert.match(await page.locator('#byline').innerText(), /By anonymous/)
  for (const id of ['description', 'keywords', 'donation']) {
    assert.equal(await page.locator(`#${id}`).isVisible(), false, id)
  }
  await app.stop()
})

test('sensitive content is blurred and silent until its viewer has agreed, once', async context => {
  const sensitive = { ...SMALL_PICTURE, source: 'test', details: ['--sensitive'] }
  const app = await App.live(context, channel, sensitive)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  const gate = page.getByRole('group', { name: 'Sensitive content' })
  assert.ok(await gate.isVisible())
  const filter = () => page.locator('#video').evaluate(video => getComputedStyle(video).filter)
  assert.match(await filter(), /blur\((?:[2-9]\d)px\)/)
  for (const key of ['m', 'ArrowUp', 'i', 'f']) await page.keyboard.press(key)
  assert.deepEqual(await page.evaluate(() => ({
    muted: document.querySelector('video')?.muted,
    pip: document.pictureInPictureElement,
    full: document.fullscreenElement
  })), { muted: true, pip: null, full: null })
  await gate.getByRole('button', { name: 'Show it' }).click()
  assert.equal(await gate.isVisible(), false)
  await untilPlayed(page, 4)
  assert.doesNotMatch(await filter(), /blur/)
  assert.ok(await loudest(page, 3) > 0.01, 'silent')
  await app.stop()
  const next = await App.live(context, channel, { ...sensitive, listen: app.address })
  await until(page, 'the next broadcast', ({ status }) => status !== 'ended')
  await untilPlayed(page, 4)
  assert.equal(await gate.isVisible(), false, 'it asks once')
  await next.stop()
})

test('the link can be handed on: to read, to copy, as a code', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(app.link.replace('/#', '/?embed#'))
  await untilPlayed(page, 1)
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog', { name: 'Share this broadcast' })
  assert.equal(await dialog.getByRole('textbox', { name: 'Link' }).inputValue(), app.link)
  await dialog.getByRole('button', { name: 'Copy' }).click()
  await dialog.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), app.link)
  assert.equal(await readQrCode(page.locator('#share-qr')), app.link)
  await page.keyboard.press('Escape')
  assert.equal(await dialog.isVisible(), false)
  await app.stop()
})

test('in a frame of another page it plays, fills the frame, and says that it passes on', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  const frame = `<!doctype html><iframe src="${app.link.replace('/#', '/?embed#')}" width="640" height="360" allow="autoplay; fullscreen"></iframe>`
  const elsewhere = createServer((_, response) => response.setHeader('content-type', 'text/html').end(frame)).listen(0, '127.0.0.1')
  context.after(() => elsewhere.close())
  await once(elsewhere, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (elsewhere.address())
  await page.goto(`http://127.0.0.1:${port}/`)
  const inside = page.frameLocator('iframe')
  await inside.locator('#stage[data-status="live"]').waitFor()
  assert.deepEqual(
    await inside.locator('#stage').evaluate(({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }), undefined),
    { clientWidth: 640, clientHeight: 360 })
  assert.equal(await inside.getByRole('link', { name: 'Open the page' }).getAttribute('href'), app.link)
  await inside.getByRole('button', { name: 'You pass it on' }).click()
  assert.ok(await inside.getByRole('switch', { name: 'Pass on to others' }).evaluate(element => element === document.activeElement))
  await app.stop()
})

for (const [what, lack] of Object.entries({
  'cannot put a stream together': () => { Object.assign(globalThis, { MediaSource: undefined, ManagedMediaSource: undefined }) },
  'cannot decode the stream': () => { MediaSource.isTypeSupported = () => false },
  'has no connections to others': () => { Object.assign(globalThis, { RTCPeerConnection: undefined }) }
})) {
  test(`a browser that ${what} is told so, and what to do`, async context => {
    const app = await App.live(context, channel, SMALL_PICTURE)
    await page.addInitScript(lack)
    await page.goto(app.link)
    await page.locator('#stage[data-status="not-supported"]').waitFor()
    const { notice, badge } = await words(page)
    assert.equal(badge, 'Not supported')
    assert.match(notice, /This browser cannot play it\s+.*(switched off|cannot decode).*Use a current/is)
    await app.stop()
  })
}
