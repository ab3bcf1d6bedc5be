package org.adaptivesoftmax.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.PlanReport.Cluster;
import org.adaptivesoftmax.internal.io.AtomicFile;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A plan as a PNG file: each cluster's share of the classes, of the tokens and of the cost. Apart, as it needs XChart. */
final class PlanPlot {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;
  private static final int PERCENT = 100;

  private PlanPlot() {}

  static void write(PlanReport report, Path file) throws IOException {
    // There may be no display, and none is needed.
    System.setProperty("java.awt.headless", "true");
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("%,d classes in clusters".formatted(report.plan().nClasses()))
            .xAxisTitle("classes × width")
            .yAxisTitle("share, %")
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    List<String> names = new ArrayList<>();
    List<Double> classes = new ArrayList<>();
    List<Double> tokens = new ArrayList<>();
    List<Double> costs = new ArrayList<>();
    for (Cluster cluster : report.clusters()) {
      // Two clusters may have the same sizes: categories must differ.
      String place = names.isEmpty() ? "head" : "tail " + names.size();
      names.add("%s: %,d × %d".formatted(place, cluster.size(), cluster.width()));
      classes.add((double) PERCENT * cluster.size() / report.plan().nClasses());
      tokens.add(PERCENT * cluster.share());
      costs.add(PERCENT * cluster.costShare());
    }
    chart.addSeries("classes", names, classes);
    chart.addSeries("tokens", names, tokens);
    chart.addSeries("cost", names, costs);
    BufferedImage image = BitmapEncoder.getBufferedImage(chart);
    Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
    AtomicFile.write(file, out -> ImageIO.write(image, "png", out));
  }
}
