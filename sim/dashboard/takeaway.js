/* In the place of the server, on a page that was taken along: it answers from what was recorded. */
const said = document.getElementById("said")
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)
const without = (choices, keys) => Object.fromEntries(Object.entries(choices).filter(([key, value]) => !keys.includes(key) && value !== null))

async function read() {
  const packed = Uint8Array.from(atob(document.getElementById("recording").textContent), letter => letter.charCodeAt(0))
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).json()
}

/* What the page gets, and what it is answered. */
function answering({ offers, languages, in_force, start, pairs, beside }) {
  const state = Vue.shallowReactive({ offers: JSON.stringify(offers), ...Object.fromEntries(offers.topics.map(topic => [topic, ""])) })
  const given = (choices, key) => choices[key] ?? null
  const empty = value => value === null || value.length === 0
  const story = offers.of_story.filter(key => key !== "child")
  let pair = null, child = 0, language = ""

  /* The classes that were recorded for what is chosen; those that came first, where it is something else. */
  function recorded(choices) {
    const is = one => story.every(key => {
      const [wanted, there] = [given(choices, key), given(one.choices, key)]
      return same(wanted, there) || (key !== "interventions" && empty(wanted) && empty(there))
    })
    return pairs.find(is) ?? pairs[0]
  }

  function choose(wanted, request) {
    const known = wanted.link === undefined ? wanted : start
    pair = recorded(known)
    language = known.language in languages ? known.language : start.language
    const { words, scenarios, guide, defaults } = languages[language]
    const follows = given(known, "child") in pair.children ? known.child : null
    const chosen = { ...defaults, ...without(known, [...offers.of_story, "request"]), ...pair.choices, ...(follows !== null && { child: follows }) }
    child = follows ?? pair.child
    const { contacts, [language]: told } = pair.children[child]
    Object.assign(state, {
      words: JSON.stringify(words),
      picture: JSON.stringify(pair.picture),
      story: JSON.stringify({ child, ...told, contacts }),
      settings: JSON.stringify({
        chosen, defaults, in_force: { ...in_force, seed: pair.seed, child }, scenarios, guide, courses: pair.courses, standing: pair.standing,
        topics: offers.topics.filter(topic => (topic === "loop" ? child === pair.child : topic in beside ? isFirst() : true)), side: isFirst() ? Object.keys(beside.columns?.years ?? {}) : [], link: "", about: `${pair.about}-${child}`, key: `${pair.about}-${child}-${language}`, wrong: [], preparing: false, request,
      }),
    })
  }

  /* Whether it is what was chosen when this was recorded, and not something else to try. */
  function isFirst() { return pair === pairs[0] && child === pair.child }

  const ANSWERS = {
    ...Object.fromEntries(Object.entries(beside).map(([topic, answer]) => [topic, () => isFirst() && answer])),
    circle: () => pair.circle,
    eyes: () => pair.eyes,
    loop: ({ arm }) => child === pair.child && { ...pair.loop[arm], profiles: pair.loop[arm].profiles[language] },
  }
  choose(start, 0)
  return {
    state,
    event_choice({ text }) {
      const { request, ...wanted } = JSON.parse(text)
      choose(wanted, request)
    },
    event_question({ text }) {
      const { topic, request, details } = JSON.parse(text)
      const answer = topic in ANSWERS && ANSWERS[topic](details)
      if (answer) setTimeout(() => { state[topic] = JSON.stringify({ ...answer, request, done: true }) })
    },
  }
}

/* A learning platform (SCORM 1.2) has an object `API` in one of the windows around this one. */
function platform() {
  try {
    for (let place = window, depth = 0; depth < 20; depth++) {
      const around = place.parent !== place ? place.parent : place.opener
      if (!around) return null
      if (around.API) return around.API
      place = around
    }
  } catch { /* a window of somebody else */ }
  return null
}

/* It hears when the year has been played to its end. */
function reporting(played) {
  const api = platform()
  if (!api || api.LMSInitialize("") === "false") return
  const status = value => { api.LMSSetValue("cmi.core.lesson_status", value); api.LMSCommit("") }
  const before = api.LMSGetValue("cmi.core.lesson_status")
  if (!["completed", "passed"].includes(before)) {
    status("incomplete")
    played(() => status("completed"))
  }
  addEventListener("pagehide", () => api.LMSFinish(""), { once: true })
}

read().then(recording => {
  const { state, event_choice, event_question } = answering(recording)
  const topics = recording.offers.topics
  const page = {
    ...ROOT, components: PARTS, props: ["picture", "story", "words", "settings", "offers", ...topics],
    methods: { ...ROOT.methods, event_choice, event_question },
  }
  const app = Vue.createApp({ render: () => Vue.h(page, { ref: "page", ...state }) })
  const root = app.mount("#page")
  reporting(done => {
    const { player } = root.$refs.page.$refs, stop = Vue.watch(() => player.time >= player.days, end => { if (end) { stop(); done() } })
  })
}).catch(error => {
  said.style.visibility = "visible"
  throw error
})
