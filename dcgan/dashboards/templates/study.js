// The page asks every two seconds whether it changed, and keeps where the reader is.
const SECONDS = 2;

export async function render() {
  let version = "";
  document.documentElement.lang = "en";
  document.title = "Study";
  const look = async () => {
    try {
      const answer = await fetch(`page?have=${version}`, { cache: "no-store" });
      if (answer.status === 200) {
        const html = await answer.text();
        const across = document.querySelector(".scroll")?.scrollLeft ?? 0;
        document.body.innerHTML = html;
        document.querySelectorAll(".scroll").forEach((each) => { each.scrollLeft = across; });
        version = answer.headers.get("X-Version") ?? "";
      }
      tell(answer.ok ? "" : `The page cannot be made anew: ${await trouble(answer)}. It is tried again; what is shown is not live.`);
    } catch {
      tell("The dashboard was stopped, or this machine cannot be reached: what is shown is not live.");
    }
    setTimeout(look, SECONDS * 1000);
  };
  await look();
}

// What the server says in one line; not the pages that others than we answer with.
async function trouble(answer) {
  const plain = (answer.headers.get("Content-Type") ?? "").startsWith("text/plain");
  return (plain && (await answer.text()).trim()) || `${answer.status} ${answer.statusText}`;
}

function tell(words) {
  let notice = document.querySelector(".gone");
  if (!notice && words) {  // there has been no page yet
    notice = document.createElement("p");
    notice.className = "gone";
    notice.setAttribute("role", "alert");
    document.body.append(notice);
  }
  if (!notice) return;
  notice.hidden = !words;
  if (notice.textContent !== words) notice.textContent = words;
}
