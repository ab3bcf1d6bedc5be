package org.adaptivesoftmax.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.lifecycle.Figure;
import org.adaptivesoftmax.lifecycle.ModelQuality;
import org.adaptivesoftmax.lifecycle.ReliabilityBin;
import org.adaptivesoftmax.lifecycle.Slice;
import org.adaptivesoftmax.lifecycle.SliceFigures;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The plots of a report as PNG in base64. Apart, as they need XChart. */
final class ReportPlots {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 450;
  private static final double PERCENT = 100;

  private ReportPlots() {}

  /** Mean loss of each model by decile. */
  static String lossByDecile(List<ModelQuality> models) throws IOException {
    XYChart chart =
        lines("Loss by frequency decile", "decile, 1 the most frequent", "nats a token");
    for (int i = 0; i < models.size(); i++) {
      List<Double> deciles = new ArrayList<>();
      List<Double> losses = new ArrayList<>();
      for (SliceFigures slice : models.get(i).slices()) {
        if (slice.slice().kind() == Slice.Kind.DECILE) {
          deciles.add(Double.valueOf(slice.slice().name()));
          losses.add(Math.log(slice.perplexity().value()));
        }
      }
      chart.addSeries(ReportPage.letter(i), deciles, losses);
    }
    return encoded(chart);
  }

  /** Accuracy by confidence, beside the diagonal on which a calibrated model lies. */
  static String reliability(List<ModelQuality> models) throws IOException {
    XYChart chart = lines("Reliability", "probability of the best class", "accuracy");
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
    chart.addSeries("calibrated", new double[] {0, 1}, new double[] {0, 1});
    for (int i = 0; i < models.size(); i++) {
      List<ReliabilityBin> bins = models.get(i).reliability();
      chart.addSeries(
          ReportPage.letter(i),
          bins.stream().map(ReliabilityBin::confidence).toList(),
          bins.stream().map(ReliabilityBin::accuracy).toList());
    }
    return encoded(chart);
  }

  /** Shares of the tokens in the clusters, in the model's own text and in the corpus. */
  static String clusterShares(DriftResult drift) throws IOException {
    CategoryChart chart = bars("Tokens by cluster", "cluster", "share, %");
    List<Figure> then = drift.figures().sharesThen();
    List<String> names = new ArrayList<>();
    for (int cluster = 0; cluster < then.size(); cluster++) {
      names.add(ReportPage.cluster(cluster));
    }
    chart.addSeries("then", names, percent(then));
    chart.addSeries("now", names, percent(drift.figures().sharesNow()));
    return encoded(chart);
  }

  /** Shares of the words that would change cluster, then and now. */
  static String migrations(DriftResult drift) throws IOException {
    CategoryChart chart = bars("Words that would change cluster", "word", "share of tokens, %");
    chart.getStyler().setXAxisLabelRotation(60);
    List<DriftResult.Move> moves = drift.migrations().top();
    List<String> words = moves.stream().map(DriftResult.Move::word).toList();
    chart.addSeries("then", words, moves.stream().map(move -> PERCENT * move.shareThen()).toList());
    chart.addSeries("now", words, moves.stream().map(move -> PERCENT * move.shareNow()).toList());
    return encoded(chart);
  }

  private static List<Double> percent(List<Figure> shares) {
    return shares.stream().map(share -> PERCENT * share.value()).toList();
  }

  private static XYChart lines(String title, String x, String y) {
    headless();
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  private static CategoryChart bars(String title, String x, String y) {
    headless();
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .theme(ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  /** There may be no display, and none is needed. */
  private static void headless() {
    System.setProperty("java.awt.headless", "true");
  }

  private static String encoded(Chart<?, ?> chart) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", png);
    return Base64.getEncoder().encodeToString(png.toByteArray());
  }
}
