// What is wider than the page can be scrolled by keyboard as well.
const wide = ".highlight pre, .dl-text, .picture, .diagram, .table-wrapper, .cell_output table";

new ResizeObserver(() => {
  for (const box of document.querySelectorAll(wide)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}).observe(document.body);
