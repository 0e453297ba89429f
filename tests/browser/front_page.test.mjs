// The hub's front page: who is live, from the streamer's program to the picture in front of a viewer.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AXE, violations } from './axe.mjs'
import { openChromium } from './browsers.mjs'
import { Hub, signedCard } from './hub.mjs'

const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } }
const SCRIPT = '<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>'

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** A picture as a streamer sends it. @type {Buffer} */
let thumbnail
before(async () => {
  browser = await openChromium()
  const page = await browser.newPage()
  thumbnail = await draw(page, '#f08030')
  await page.close()
})
after(() => browser?.close())

/**
 * @param {import('./browsers.mjs').Page} page
 * @param {string} colour
 */
async function draw (page, colour) {
  const jpeg = await page.evaluate(colour => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 })
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.fillStyle = colour
    context.fillRect(0, 0, 320, 180)
    return canvas.toDataURL('image/jpeg').split(',')[1]
  }, colour)
  return Buffer.from(/** @type {string} */ (jpeg), 'base64')
}

/**
 * The titles on the page, once there are so many.
 * @param {import('./browsers.mjs').Page} page
 * @param {number} many
 */
async function titles (page, many) {
  await page.waitForFunction(many => document.querySelectorAll('.card').length === many, many)
  return page.locator('.card .title').allTextContents()
}

test('without anybody live the front page says so, and whose it is', async context => {
  const hub = await Hub.run(context, { more: ['--operator', 'A club', '--contact', 'club@example.org'] })
  const page = await browser.newPage()
  await page.goto(hub.url)
  await page.getByText('Nobody is live right now').waitFor()
  assert.equal(page.url(), `${hub.url}live/`)
  await page.getByText('This hub is run by A club').waitFor()
  assert.equal(await page.getByRole('link', { name: 'club@example.org' }).getAttribute('href'), 'mailto:club@example.org')
  await page.close()
})

test('what streamers say is text, in words and in order', async context => {
  const hub = await Hub.run(context)
  await hub.list(signedCard(1, { title: SCRIPT, author: SCRIPT.slice(0, 80), viewers: 2, keywords: ['<b>'], thumbnail }))
  await hub.list(signedCard(2, { title: 'Open air', viewers: 1200, category: 'music', started: Date.now() - 3_900_000 }))
  await hub.list(signedCard(3, { viewers: 1, paused: 1, started: Date.now() - 10_000 }))
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  assert.deepEqual(await titles(page, 3), ['Open air', SCRIPT, 'Without a title'])
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).harmed), undefined)
  assert.deepEqual(await page.locator('.facts').allTextContents(),
    ['1,200 viewers · for 1 h 5 min · Music', '2 viewers · for 1 min', '1 viewer · just started'])
  assert.deepEqual(await page.locator('.badge').allTextContents(), ['Live', 'Live', 'Paused'])
  assert.equal(await page.locator('#status').textContent(), '3 channels live')
  await page.getByLabel('Order').selectOption('Just started')
  await page.waitForFunction(() => document.querySelector('.card .title')?.textContent === 'Without a title')
  await page.close()
})

test('channels are found by words and by category, and the address says for which', async context => {
  const hub = await Hub.run(context)
  await hub.list(signedCard(1, { title: 'Chess', category: 'gaming' }))
  await hub.list(signedCard(2, { title: 'Swing', category: 'music', keywords: ['jazz'] }))
  await hub.list(signedCard(3, { title: 'Jazz in games', category: 'gaming' }))
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  await titles(page, 3)
  await page.getByRole('searchbox', { name: 'Search' }).fill('JAZZ')
  assert.deepEqual((await titles(page, 2)).sort(), ['Jazz in games', 'Swing'])
  await page.getByLabel('Category').selectOption('Gaming')
  assert.deepEqual(await titles(page, 1), ['Jazz in games'])
  assert.equal(await page.locator('#status').textContent(), '1 channel found')
  const address = page.url()
  await page.goto('about:blank')
  await page.goto(address)
  assert.deepEqual(await titles(page, 1), ['Jazz in games'])
  await page.getByRole('searchbox', { name: 'Search' }).fill('opera')
  await page.getByText('Nothing like that is live').waitFor()
  await page.close()
})

test('what is sensitive is blurred until a person asks, once for all of it', async context => {
  const hub = await Hub.run(context)
  for (const channel of [1, 2]) await hub.list(signedCard(channel, { title: `${channel}`, sensitive: 1, thumbnail }))
  await hub.list(signedCard(3, { title: 'for everyone', thumbnail }))
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  await titles(page, 3)
  const blurred = () => page.locator('.picture img').evaluateAll(
    pictures => pictures.filter(picture => getComputedStyle(picture).filter.includes('blur')).length)
  assert.equal(await blurred(), 2)
  await page.getByRole('button', { name: 'Sensitive: show pictures' }).first().click()
  assert.equal(await blurred(), 0)
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'A', 'the keyboard is where it was')
  await page.close()
})

test('the keyboard reaches everything, in the order in which it is seen', async context => {
  const hub = await Hub.run(context, { more: ['--contact', 'club@example.org'] })
  await hub.list(signedCard(1, { title: 'First', viewers: 2, sensitive: 1, thumbnail }))
  await hub.list(signedCard(2, { title: 'Second', viewers: 1 }))
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  await titles(page, 2)
  const reached = []
  for (let step = 0; step < 10; step++) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate(() => {
      const element = document.activeElement
      const visible = element !== null && (element.matches(':focus-visible'))
      return `${visible ? '' : 'not seen: '}${element?.id || element?.textContent?.trim()}`
    }))
  }
  assert.deepEqual(reached, ['search', 'category', 'sort', 'Sensitive: show pictures', 'First', 'Second', 'contact-link', 'Feed', 'RSS', 'JSON'])
  // A renewed list leaves the keyboard where it is.
  await page.getByRole('link', { name: 'Second' }).focus()
  await hub.list(signedCard(2, { title: 'Second', viewers: 5 }))
  await page.waitForFunction(() => document.querySelector('.card .title')?.textContent === 'Second')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Second')
  await page.keyboard.press('Enter')
  await page.waitForURL(url => url.pathname === '/' && url.hash.length > 40)
  await page.close()
})

test('pictures and numbers are renewed, and whoever stops is gone, without anything being pressed', async context => {
  const hub = await Hub.run(context)
  await hub.list(signedCard(1, { title: 'One', viewers: 1, thumbnail }))
  await hub.list(signedCard(2, { title: 'Two' }))
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  await titles(page, 2)
  const picture = page.locator('.card img').first()
  const colour = () => picture.evaluate(async (/** @type {HTMLImageElement} */ image) => {
    await image.decode()
    const canvas = new OffscreenCanvas(1, 1)
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'))
    context.drawImage(image, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })
  const [red, , blue] = await colour()
  assert.ok(/** @type {number} */ (red) > 200 && /** @type {number} */ (blue) < 100)
  const first = await picture.getAttribute('src')
  await hub.list(signedCard(1, { title: 'One', viewers: 5, thumbnail: await draw(page, '#2050f0') }))
  await hub.list(signedCard(2, { withdrawn: 1 }))
  assert.deepEqual(await titles(page, 1), ['One'])
  await page.waitForFunction(first => document.querySelector('.card img')?.getAttribute('src') !== first, first)
  const [less, , more] = await colour()
  assert.ok(/** @type {number} */ (less) < 100 && /** @type {number} */ (more) > 200)
  assert.match(/** @type {string} */ (await page.locator('.facts').textContent()), /^5 viewers/)
  await page.close()
})

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`on a ${size} in ${colorScheme} the front page is in nobody's way, and nothing is cut off`, async context => {
      const hub = await Hub.run(context, { more: ['--operator', 'A club', '--contact', 'club@example.org'] })
      await hub.list(signedCard(1, { title: 'a'.repeat(200), author: 'b'.repeat(80), category: 'science-technology', sensitive: 1, thumbnail }))
      await hub.list(signedCard(2, { title: 'Open air', author: 'The Band', thumbnail }))
      const page = await browser.newPage({ viewport, colorScheme, bypassCSP: true, reducedMotion: 'reduce' })
      await page.addInitScript(AXE)
      await page.goto(`${hub.url}live/`)
      await titles(page, 2)
      assert.deepEqual(await violations(page), [])
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width)
      await page.getByRole('searchbox').fill('nothing like it')
      await page.getByText('Nothing like that is live').waitFor()
      assert.deepEqual(await violations(page), [], 'with nothing found')
      await page.close()
    })
  }
}

test('two hundred channels are on the page at once', async context => {
  const hub = await Hub.run(context, { more: ['--max-channels-per-address', '20'] })
  for (let channel = 0; channel < 220; channel++) {
    await hub.list(signedCard(channel, { title: `Channel ${channel}`, viewers: channel, thumbnail }), `127.0.0.${2 + channel % 20}`)
  }
  const page = await browser.newPage()
  await page.goto(`${hub.url}live/`)
  assert.equal((await titles(page, 200)).at(0), 'Channel 219')
  // A browser asks for pictures when it has laid the page out.
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('.jpg')))
  // Asked for once, put into the page once, and only the pictures in view are fetched.
  const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  assert.equal(asked.filter(name => name.includes('catalogue.json')).length, 1)
  const pictures = asked.filter(name => name.includes('.jpg')).length
  assert.ok(pictures > 0 && pictures < 100, `${pictures} pictures`)
  await page.getByRole('button', { name: 'Show more' }).click()
  assert.equal((await titles(page, 220)).at(-1), 'Channel 0')
  assert.equal(await page.getByRole('button', { name: 'Show more' }).isVisible(), false)
  await page.close()
})
