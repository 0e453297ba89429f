// Loads the page again where one of its scripts did not come: when a phone changes networks, its browser gives up what it
// is loading. Not a module, so that it listens before the modules are loaded.

{
  /** How often the page is loaded again while its server answers, and scripts still do not come. */
  const MOST = 5
  const FIRST_PAUSE_MS = 1000
  const LONGEST_PAUSE_MS = 10_000

  /** How often it was loaded again. The state survives that, and nothing else. @type {number} */
  const loads = history.state?.loads ?? 0
  let failed = false

  // What elements fail to load does not bubble up.
  window.addEventListener('error', event => {
    if (failed || !(event.target instanceof HTMLScriptElement)) return
    failed = true
    if (loads < MOST) {
      tell('It tries again by itself. Is this device online?')
      loadAgain()
    } else {
      tell('Load it again, or try another network.')
    }
  }, { capture: true })
  window.addEventListener('load', () => {
    if (!failed && loads > 0) history.replaceState(null, '')
  })

  async function loadAgain () {
    let pause = FIRST_PAUSE_MS
    do {
      await new Promise(resolve => setTimeout(resolve, pause))
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    } while (!await isThere())
    history.replaceState({ loads: loads + 1 }, '')
    location.reload()
  }

  /** Whether there is something to load: better half a page than the browser's own page of errors. */
  async function isThere () {
    try {
      return (await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' })).ok
    } catch {
      return false
    }
  }

  /** @param {string} text */
  async function tell (text) {
    const title = document.querySelector('#notice-title')
    const more = document.querySelector('#notice-text')
    if (title === null || more === null) return
    let translated = (/** @type {string} */ english) => english
    try {
      const texts = await import('./texts.js')
      await texts.speak()
      translated = texts.t
    } catch {
      // English, then.
    }
    title.textContent = translated('The page did not load completely')
    more.textContent = translated(text)
  }
}
