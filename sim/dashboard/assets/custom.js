/* A laptop sleeps, a network goes away: neither end may hear of it. So the server is asked now and then whether it is
   there, and the connection is made anew as soon as it is again. Where it has forgotten this visitor by then, the page
   opens again from its link. */
const watching = setInterval(() => {
  const kernel = window.solara?.debug?.kernel()
  if (!kernel) return
  clearInterval(watching)
  let silent = false
  const isLost = () => silent || kernel.connectionStatus !== "connected"
  const tell = () => dispatchEvent(new CustomEvent("spiraal.connection", { detail: { lost: isLost() } }))
  kernel.connectionStatusChanged.connect(tell)
  setInterval(async () => {
    const answer = await fetch(`${solara.rootPath}/readyz`, { cache: "no-store", signal: AbortSignal.timeout(8000) }).catch(() => null)
    const again = answer?.ok && isLost()
    silent = !answer?.ok
    if (again) kernel.reconnect()
    tell()
  }, 5000)
}, 200)
