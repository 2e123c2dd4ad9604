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
      gone(!answer.ok);
    } catch {
      gone(true);
    }
    setTimeout(look, SECONDS * 1000);
  };
  await look();
}

function gone(yes) {
  const notice = document.querySelector(".gone");
  if (notice) notice.hidden = !yes;
}
