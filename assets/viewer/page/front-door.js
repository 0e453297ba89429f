// Whoever opens a hub's address without a channel wants to see who is live. Where the page is served by something else
// there is no such list, and the page says that the link is not whole.

/** The hub's front page, from here. */
const FRONT_PAGE = 'live/'

if (location.hash.length < 2 && location.protocol.startsWith('http')) enter()

async function enter () {
  try {
    const { ok } = await fetch(FRONT_PAGE, { method: 'HEAD' })
    if (ok) location.replace(FRONT_PAGE)
  } catch {
    // The page has said what there is to say.
  }
}
