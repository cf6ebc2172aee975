// Filters, grouping and the state of both in the address. Without it the page still reads.
(() => {
  "use strict";
  const form = document.getElementById("filters");
  const groups = document.getElementById("groups");
  const status = document.getElementById("shown");
  if (!form || !groups) return;

  const files = [...groups.children].map((box) => ({
    box,
    name: box.querySelector("h3").textContent,
    count: box.querySelector(".n"),
    all: [...box.querySelectorAll("article")],
  }));
  const findings = files.flatMap((file) => file.all.map((item) => ({ item, file })));
  const titles = new Map();
  for (const option of form.elements.rule.options) titles.set(option.value, option);
  const boxes = [...form.querySelectorAll("input[name=severity]")];
  let shown = files;
  let grouping = "file";

  const plural = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  function words(entry) {
    entry.words ??= `${entry.file.name} ${entry.item.textContent}`.toLowerCase();
    return entry.words;
  }

  function wanted() {
    const rule = form.elements.rule.selectedOptions[0];
    const codes = rule.value && new Set((rule.dataset.codes || rule.value).split(" "));
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const ns = form.elements.ns?.value ?? "";
    const parts = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (entry) => {
      const data = entry.item.dataset;
      return severities.has(data.s) && (!codes || codes.has(data.r)) &&
        (!ns || (data.n ?? "") === ns) && parts.every((part) => words(entry).includes(part));
    };
  }

  function apply() {
    regroup(form.elements.group.value);
    const want = wanted();
    let number = 0;
    for (const entry of findings) {
      entry.item.hidden = !want(entry);
      number += entry.item.hidden ? 0 : 1;
    }
    for (const group of shown) {
      const left = group.all.filter((item) => !item.hidden).length;
      group.box.hidden = left === 0;
      group.count.textContent = left === group.all.length
        ? plural(left, "finding") : `${left} of ${plural(group.all.length, "finding")}`;
    }
    status.textContent = number === findings.length ? plural(number, "finding")
      : number ? `${number} of ${plural(findings.length, "finding")}`
      : "No finding fits these filters.";
  }

  function regroup(by) {
    if (by === grouping) return;
    grouping = by;
    if (by === "file") {
      for (const file of files) file.box.append(...file.all);
      for (const { item } of findings) item.querySelector(".path").remove();
      shown = files;
    } else {
      for (const { item, file } of findings) {
        const path = document.createElement("span");
        path.className = "path";
        path.textContent = `${file.name}:`;
        item.querySelector(".at").prepend(path);
      }
      shown = byRule();
    }
    groups.replaceChildren(...shown.map((group) => group.box));
  }

  function byRule() {
    const rules = new Map();
    for (const { item } of findings) {
      const code = item.dataset.r;
      if (!rules.has(code)) rules.set(code, []);
      rules.get(code).push(item);
    }
    return [...rules.keys()].sort().map((code) => {
      const box = document.createElement("details");
      const summary = box.appendChild(document.createElement("summary"));
      const head = summary.appendChild(document.createElement("h3"));
      const count = summary.appendChild(document.createElement("span"));
      const all = rules.get(code);
      head.textContent = `${code} ${all[0].querySelector(".name").textContent}`;
      box.className = "group";
      count.className = "n";
      box.open = true;
      box.append(...all);
      return { box, name: code, count, all };
    });
  }

  function remember() {
    const state = new URLSearchParams();
    const off = boxes.filter((box) => !box.checked);
    if (off.length) {
      state.set("severity", boxes.filter((box) => box.checked).map((box) => box.value).join(","));
    }
    for (const name of ["rule", "ns", "q"]) {
      const value = form.elements[name]?.value;
      if (value) state.set(name, value);
    }
    if (form.elements.group.value !== "file") state.set("group", form.elements.group.value);
    try {
      history.replaceState(null, "", `#${state}`);
    } catch {
      // a sandboxed frame has no address of its own
    }
  }

  function choose(select, value) {
    if (!select) return;
    select.value = value ?? select.options[0].value;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  function recall() {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) {
      reveal(hash);
      return;
    }
    const state = new URLSearchParams(hash);
    const severities = state.has("severity") ? state.get("severity").split(",") : null;
    for (const box of boxes) box.checked = !severities || severities.includes(box.value);
    choose(form.elements.rule, state.get("rule"));
    choose(form.elements.ns, state.get("ns"));
    choose(form.elements.group, state.get("group"));
    form.elements.q.value = state.get("q") ?? "";
    apply();
  }

  // A link to a finding wins over filters and folded groups that hide it.
  function reveal(id) {
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.hidden) {
      form.reset();
      apply();
    }
    const folded = target.closest("details");
    if (folded) folded.open = true;
    target.scrollIntoView();
  }

  // What the rule says, below the finding; without a script its code links to the same words.
  function explain(button) {
    const item = button.closest("article");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      item.querySelector(".about").remove();
      return;
    }
    const about = document.createElement("div");
    about.className = "about";
    const rule = document.getElementById(`rule-${item.dataset.r}`);
    if (rule) for (const part of [...rule.children].slice(1)) about.append(part.cloneNode(true));
    item.append(about);
  }

  for (const { item } of findings) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "why";
    button.textContent = "Why, and what to do";
    button.setAttribute("aria-expanded", "false");
    item.append(button);
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); remember(); }, 100);
  });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  groups.addEventListener("click", (event) => {
    const button = event.target.closest("button.why");
    if (button) explain(button);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#ns="]');
    if (!link) return;
    event.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    recall();
    document.getElementById("findings").scrollIntoView();
  });
  window.addEventListener("hashchange", recall);

  form.hidden = false;
  recall();
})();
