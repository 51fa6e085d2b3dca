// What the search says. Sphinx's own Korean has an empty sentence where it tells what it found.
Documentation.addTranslations({
  locale: "ko",
  plural_expr: "0",
  messages: {
    Search: "검색",
    Searching: "찾는 중",
    "Search Results": "검색 결과",
    "Preparing search...": "검색을 준비하는 중…",
    "Hide Search Matches": "찾은 낱말 표시 끄기",
    "Search finished, found one page matching the search query.": [
      "검색어가 나오는 페이지를 ${resultCount}개 찾았습니다.",
    ],
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "찾은 페이지가 없습니다. 검색어를 맞게 쓰셨는지 확인해 보세요.",
  },
});
