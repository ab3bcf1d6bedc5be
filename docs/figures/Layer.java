/**
 * Draws the layer: the head, the tail clusters, and what a row passes through. From the project's directory:
 *
 * <pre>java docs/figures/Layer.java &gt; docs/figures/layer.svg</pre>
 */
final class Layer {
  private static final String INK = "#1f2933";
  private static final String HEAD = "#d6e6f5";
  private static final String TAIL = "#fbe7c6";
  private static final String PLAIN = "#eef1f4";

  private final StringBuilder svg = new StringBuilder();

  public static void main(String[] args) {
    System.out.print(new Layer().draw());
  }

  private String draw() {
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 430" font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#1f2933">
        <title>Head, tail clusters and the way of a row</title>
        <rect width="860" height="430" fill="#ffffff"/>
        <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#1f2933"/></marker></defs>
        """);
    text(20, 28, "start", "Classes by decreasing frequency, cutoffs 4,000 and 20,000 of 100,000", true);
    bar(20, 44, 150, HEAD, "0 … 3,999", "shortlist");
    bar(170, 44, 250, TAIL, "4,000 … 19,999", "tail cluster 1");
    bar(420, 44, 420, TAIL, "20,000 … 99,999", "tail cluster 2");

    box(10, 170, 135, 70, PLAIN, "hidden states", "[N, 512]");
    box(200, 130, 230, 70, HEAD, "head: 4,000 classes", "+ 2 cluster entries");
    box(200, 235, 110, 60, TAIL, "projection 1", "512 → 128");
    box(340, 235, 150, 60, TAIL, "tail cluster 1", "16,000 classes");
    box(200, 335, 110, 60, TAIL, "projection 2", "512 → 32");
    box(340, 335, 150, 60, TAIL, "tail cluster 2", "80,000 classes");
    box(600, 195, 230, 100, PLAIN, "log p(target)", "head, or cluster entry + tail");

    arrow(145, 190, 200, 170);
    label(168, 146, "all rows");
    arrow(145, 220, 200, 262);
    arrow(110, 240, 200, 362);
    label(92, 320, "only rows whose");
    label(92, 338, "target is there");
    arrow(310, 265, 340, 265);
    arrow(310, 365, 340, 365);
    arrow(430, 165, 600, 220);
    arrow(490, 265, 600, 250);
    arrow(490, 365, 600, 280);
    text(
        600,
        330,
        "start",
        "Loss and all gradients come",
        false);
    text(600, 350, "start", "out of the same softmax.", false);
    text(600, 370, "start", "[N, 100,000] is never built.", false);
    return svg.append("</svg>\n").toString();
  }

  private void bar(int x, int y, int width, String fill, String ranks, String name) {
    rect(x, y, width, 46, fill);
    text(x + width / 2, y + 19, "middle", name, true);
    text(x + width / 2, y + 37, "middle", ranks, false);
  }

  private void box(int x, int y, int width, int height, String fill, String name, String size) {
    rect(x, y, width, height, fill);
    text(x + width / 2, y + height / 2 - 4, "middle", name, true);
    text(x + width / 2, y + height / 2 + 16, "middle", size, false);
  }

  private void rect(int x, int y, int width, int height, String fill) {
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" stroke=\"%s\"/>\n"
            .formatted(x, y, width, height, fill, INK));
  }

  private void label(int x, int y, String text) {
    text(x, y, "middle", text, false);
  }

  private void text(int x, int y, String anchor, String text, boolean bold) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"%s>%s</text>\n"
            .formatted(x, y, anchor, bold ? " font-weight=\"bold\"" : "", text));
  }

  private void arrow(int x1, int y1, int x2, int y2) {
    svg.append(
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"1.5\" marker-end=\"url(#tip)\"/>\n"
            .formatted(x1, y1, x2, y2, INK));
  }
}
