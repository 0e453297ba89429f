// What axe finds wrong with the page, at the sizes and in the colours that people have.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { AXE, violations } from './axe.mjs'
import { openChromium } from './browsers.mjs'
import { untilPlayed } from './watching.mjs'

const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } }

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {App} */
let app
/** What is to be ended after the tests. @type {(() => unknown)[]} */
const ends = []
before(async () => {
  browser = await openChromium()
  app = await App.live({ after: end => ends.push(end) }, channel, {
    ...SMALL_PICTURE,
    title: 'Open air',
    details: ['--author', 'The Band', '--category', 'music', '--keyword', 'jazz', '--sensitive',
      '--description', 'Two hours of swing', '--donation', 'https://donate.example/a-long-path/that-does-not-fit-on-a-phone']
  })
})
after(async () => {
  await browser?.close()
  for (const end of ends) await end()
  channel.remove()
})

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`on a ${size} in ${colorScheme} nothing is in a person's way, and nothing is cut off`, async () => {
      const page = await browser.newPage({ viewport, colorScheme, bypassCSP: true, reducedMotion: 'reduce' })
      await page.addInitScript(AXE)
      await page.goto(app.link)
      await untilPlayed(page, 4)
      assert.deepEqual(await violations(page), [], 'before the gate is opened')
      await page.getByRole('button', { name: 'Show it' }).click()
      await page.keyboard.press('n')
      await page.locator('#neighbours').waitFor()
      assert.deepEqual(await violations(page), [], 'with everything open')
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width)
      await page.getByRole('button', { name: 'Help by keeping this tab open' }).click()
      await page.locator('#watch-again').waitFor()
      assert.deepEqual(await violations(page), [], 'while it helps')
      await page.getByRole('button', { name: 'Share' }).click()
      assert.deepEqual(await violations(page), [], 'while it is shared')
      await page.close()
    })
  }
}
