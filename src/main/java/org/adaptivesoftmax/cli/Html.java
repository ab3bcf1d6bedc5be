package org.adaptivesoftmax.cli;

import java.util.List;

/** Builds an HTML page. All text is escaped; only what this class makes is markup. */
final class Html {
  private final StringBuilder page = new StringBuilder();

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        // Other control characters may not stand in a page at all.
        default -> escaped.append(Character.isISOControl(c) && c != '\n' ? '\uFFFD' : c);
      }
    }
    return escaped.toString();
  }

  /** An element with text. */
  Html text(String tag, String text) {
    page.append('<').append(tag).append('>').append(escape(text));
    page.append("</").append(tag).append(">\n");
    return this;
  }

  /** An element with text, and a class. */
  Html text(String tag, String style, String text) {
    page.append('<').append(tag).append(" class=\"").append(escape(style)).append("\">");
    page.append(escape(text)).append("</").append(tag).append(">\n");
    return this;
  }

  /**
   * A table. The first cell of each row is its header.
   *
   * @param caption what it holds
   * @param columns their headers
   * @param rows cells, as many as columns
   */
  Html table(String caption, List<String> columns, List<List<String>> rows) {
    page.append("<div class=\"wide\"><table>\n<caption>").append(escape(caption));
    page.append("</caption>\n<thead><tr>");
    columns.forEach(
        column -> page.append("<th scope=\"col\">").append(escape(column)).append("</th>"));
    page.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : rows) {
      page.append("<tr><th scope=\"row\">").append(escape(row.get(0))).append("</th>");
      row.stream()
          .skip(1)
          .forEach(cell -> page.append("<td>").append(escape(cell)).append("</td>"));
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>\n");
    return this;
  }

  /**
   * A picture within the page.
   *
   * @param png in base64
   * @param description what it shows, for who does not see it
   */
  Html picture(String png, String description) {
    page.append("<figure><img alt=\"").append(escape(description));
    page.append("\" src=\"data:image/png;base64,").append(png).append("\"/><figcaption>");
    page.append(escape(description)).append("</figcaption></figure>\n");
    return this;
  }

  /**
   * The page, whole.
   *
   * @param style CSS
   */
  String page(String title, String style) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        <main>
        %s</main>
        </body>
        </html>
        """
        .formatted(escape(title), style, page);
  }
}
