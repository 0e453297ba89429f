// The page in its readers' languages: nothing is missing in one of them, and each is shown to who reads it.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import frontPagePortuguese from '../../assets/hub/texts/pt.js'
import frontPageSpanish from '../../assets/hub/texts/es.js'
import portuguese from '../../assets/viewer/texts/pt.js'
import spanish from '../../assets/viewer/texts/es.js'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { Hub, signedCard } from './hub.mjs'
import { untilPlayed, untilStatus, words } from './watching.mjs'

const VIEWER = new URL('../../assets/viewer/', import.meta.url)
const HUB = new URL('../../assets/hub/', import.meta.url)
/** Names, and what is the same in all of them. */
const SAME = ['Live on Torrent', '–', 'Volume', 'Link', 'Feed']

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
const channel = new Channel()
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/**
 * What a page's modules say: what stands in a call of `t`.
 * @param {URL} page
 * @param {string[]} folders in which they are, beside the page's own
 */
function said (page, folders) {
  const files = ['.', ...folders].flatMap(folder =>
    readdirSync(new URL(folder, page)).filter(name => name.endsWith('.js')).map(name => `${folder}/${name}`))
  return files.filter(name => name !== 'page/texts.js').flatMap(name => {
    const source = readFileSync(new URL(name, page), 'utf8')
    return [...source.matchAll(/\bt\(([^()]*)/g)].flatMap(([, call]) => {
      // With a condition there are two, and the condition itself holds no text.
      const texts = call.includes('?') ? call.slice(call.indexOf('?')) : call
      return [...texts.matchAll(/'([^']*)'/g)].map(([, text]) => text)
    })
  })
}

for (const [page, languages, texts] of /** @type {const} */ ([
  ['the viewer\'s page', [portuguese, spanish], said(VIEWER, ['page', 'media', 'swarm'])],
  ['the front page', [frontPagePortuguese, frontPageSpanish], said(HUB, [])]
])) {
  test(`no language lacks a text of ${page}`, () => {
    const [first, second] = languages
    assert.deepEqual(Object.keys(first), Object.keys(second))
    assert.ok(texts.length > 15, String(texts))
    assert.deepEqual(texts.filter(text => !(text in second)), [])
    for (const language of languages) {
      for (const [english, text] of Object.entries(language)) {
        assert.equal(text.split('{}').length, english.split('{}').length, text)
      }
    }
  })
}

/**
 * All that a person sees or hears of a page.
 * @param {import('./browsers.mjs').Page} page
 */
function shownOn (page) {
  return page.evaluate(() => {
    const found = [document.title]
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (nodes.nextNode()) found.push(nodes.currentNode.nodeValue?.trim() ?? '')
    for (const element of document.body.querySelectorAll('[aria-label], [title], [placeholder]')) {
      found.push(...['aria-label', 'title', 'placeholder'].map(name => element.getAttribute(name) ?? ''))
    }
    return found
  })
}

/**
 * Nothing of what is shown is English.
 * @param {string[]} shown
 * @param {Record<string, string>} language
 */
function assertNoEnglish (shown, language) {
  const english = Object.keys(language).filter(text => !SAME.includes(text) && language[text] !== text)
  assert.deepEqual(shown.filter(text => english.includes(text)), [])
  assert.deepEqual(shown.filter(text => /\b(the|you|this|and|viewers?)\b/i.test(text) && !text.includes('JavaScript')), [])
}

for (const [locale, language, live] of /** @type {const} */ ([['pt-BR', portuguese, 'Ao vivo'], ['es-MX', spanish, 'En vivo']])) {
  test(`a reader of ${locale} reads nothing in English`, async context => {
    const app = await App.live(context, channel, {
      ...SMALL_PICTURE,
      title: '100 %',
      details: ['--category', 'music', '--donation', 'https://donate.example/', '--keyword', '1', '--sensitive']
    })
    const page = await browser.newPage({ locale, viewport: { width: 320, height: 640 } })
    await page.goto(app.link)
    await untilPlayed(page, 4)
    assert.equal((await words(page)).badge, live)
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
    await page.keyboard.press('n')
    assertNoEnglish(await shownOn(page), language)
    await app.stop()
    await untilStatus(page, 'ended')
    assert.ok((await words(page)).notice.startsWith(/** @type {Record<string, string>} */ (language)['The broadcast has ended']))
    await page.close()
  })
}

for (const [locale, language, status, facts] of /** @type {const} */ ([
  ['pt-BR', frontPagePortuguese, '2 canais ao vivo', '12.500 pessoas assistindo · há 1 h 5 min · Música · Sensível'],
  ['es-MX', frontPageSpanish, '2 canales en vivo', '12.500 personas viendo · hace 1 h 5 min · Música · Sensible']
])) {
  test(`on the front page a reader of ${locale} reads nothing in English`, async context => {
    const hub = await Hub.run(context, { more: ['--operator', 'ACME', '--contact', 'club@example.org'] })
    await hub.list(signedCard(1, { title: '100 %', viewers: 12_500, category: 'music', sensitive: 1, started: Date.now() - 3_910_000 }))
    await hub.list(signedCard(2, { paused: 1, viewers: 1 }))
    const page = await browser.newPage({ locale, viewport: { width: 320, height: 640 } })
    await page.goto(`${hub.url}live/`)
    await page.waitForFunction(() => document.querySelectorAll('.card').length === 2)
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
    assert.equal(await page.locator('#status').textContent(), status)
    assert.equal(await page.locator('.facts').first().textContent(), facts)
    assertNoEnglish(await shownOn(page), language)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
    await page.getByRole('searchbox').fill('xyz')
    await page.locator('#empty').waitFor()
    assertNoEnglish(await shownOn(page), language)
    await hub.kill()
    await page.getByRole('searchbox').fill('x')
    await page.waitForFunction(nothing => document.getElementById('status')?.textContent === nothing, language['This hub does not answer. Trying again…'])
    await page.close()
  })
}

for (const locale of ['en-GB', 'pt-BR', 'es-MX']) {
  test(`a reader of ${locale} has every control at hand on the narrowest phone`, async context => {
    const app = await App.live(context, channel, SMALL_PICTURE)
    for (const path of ['/#', '/?embed#']) {
      const page = await browser.newPage({ locale, viewport: { width: 320, height: 640 } })
      await page.goto(app.link.replace('/#', path))
      await untilPlayed(page, 1)
      const controls = await page.locator('#controls > :visible:not(.space)').evaluateAll(elements => elements.map(element => {
        const { left, right, width, height } = element.getBoundingClientRect()
        return { id: element.id, left, right, width, height, isWhole: element.scrollWidth <= element.clientWidth }
      }))
      assert.deepEqual(controls.map(({ id }) => id), ['play', 'mute', 'edge', 'carrying-toggle', 'pip', 'full-screen'])
      for (const { id, left, right, width, height, isWhole } of controls) {
        assert.ok(left >= 0 && right <= 320, `${id} from ${left} to ${right}`)
        assert.ok(width >= 44 && height >= 44 && isWhole, `${id} is ${width} by ${height}`)
      }
      const edges = controls.flatMap(({ left, right }) => [left, right])
      assert.deepEqual(edges, [...edges].sort((one, other) => one - other), 'none lies over another')
      await page.close()
    }
    await app.stop()
  })
}

test('who reads neither reads English, and no texts are loaded', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  for (const locale of ['de-AT', 'en-GB']) {
    const page = await browser.newPage({ locale })
    /** @type {string[]} */
    const loaded = []
    page.on('request', request => loaded.push(request.url()))
    await page.goto(app.link)
    await untilPlayed(page, 1)
    assert.equal((await words(page)).badge, 'Live')
    assert.deepEqual(loaded.filter(url => url.includes('/texts/')), [])
    await page.close()
  }
  await app.stop()
})
