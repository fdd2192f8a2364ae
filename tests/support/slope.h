// SPDX-License-Identifier: GPL-3.0-only
// Whether something grows: the straight line through measurements, and how sure it is.
#pragma once

#include <cmath>
#include <span>

namespace weir::test {

struct Point {
    double x{0}, y{0};
};

/// Least squares. `error` is the standard error of `slope`, from how far the points lie off the line: as if these distances
/// had nothing to do with each other. Both 0 with fewer than three points, or when all have one x.
struct Slope {
    double slope{0}, error{0};
};

inline Slope slopeOf(std::span<const Point> points)
{
    const auto n = static_cast<double>(points.size());
    double meanX = 0, meanY = 0, xx = 0, xy = 0, off = 0;
    for (const Point &point : points) {
        meanX += point.x / n;
        meanY += point.y / n;
    }
    for (const Point &point : points) {
        xx += (point.x - meanX) * (point.x - meanX);
        xy += (point.x - meanX) * (point.y - meanY);
    }
    if (points.size() < 3 || xx <= 0)
        return {};
    const double slope = xy / xx;
    for (const Point &point : points)
        off += std::pow(point.y - meanY - slope * (point.x - meanX), 2);
    return {slope, std::sqrt(off / (n - 2) / xx)};
}

} // namespace weir::test
