// Whether this person passes the stream on, kept until the tab is closed: who switched it off on a metered connection does
// not find it on again after a reload.

const KEY = 'pass-on'

/** @returns {boolean} */
export function storedPassOn () {
  try {
    return sessionStorage.getItem(KEY) !== 'no'
  } catch {
    // The browser was told to keep nothing.
    return true
  }
}

/** @param {boolean} on */
export function storePassOn (on) {
  try {
    if (on) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, 'no')
  } catch {
    // Then it is kept until the page is left.
  }
}
