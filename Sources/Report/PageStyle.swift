/// How the page looks around its charts.
enum PageStyle {
    static let css = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        header,main{max-width:1240px;margin:0 auto;padding:0 20px}
        header{position:relative;padding-top:28px}
        h1{font-size:1.75rem;line-height:1.2;margin:0 84px 4px 0;text-wrap:balance}
        h2{font-size:1.3rem;margin:44px 0 12px;padding-top:10px;border-top:1px solid var(--grid)}
        h3{font-size:1.05rem;margin:28px 0 8px}
        h3 .soft{font-weight:400}
        p{margin:6px 0;max-width:75ch}
        .soft,caption,figcaption small{color:var(--soft)}
        header .soft{font-size:.875rem;max-width:none;margin-right:84px}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:14px 0 0}
        a{color:var(--s0)}
        a:focus-visible,button:focus-visible,summary:focus-visible,.scroll:focus-visible,\
        .chart:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px}
        #theme{position:absolute;right:20px;top:28px;padding:5px 12px;border:1px solid var(--axis);\
        border-radius:6px;background:var(--raised);color:var(--ink);font:inherit;font-size:.875rem;\
        cursor:pointer}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(46%,170px),1fr));\
        gap:12px;margin:14px 0;padding:0;list-style:none}
        .cards li{background:var(--raised);border:1px solid var(--grid);border-radius:8px;\
        padding:10px 14px 12px}
        .cards strong{display:block;font-size:1.6rem;line-height:1.25;font-variant-numeric:\
        tabular-nums}
        .cards span{display:block;font-size:.875rem;line-height:1.35;overflow-wrap:anywhere}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));\
        gap:18px 28px;margin:14px 0}
        .charts.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr))}
        .charts.joints{grid-template-columns:repeat(auto-fill,minmax(min(100%,270px),1fr));gap:14px 22px}
        figure{margin:0;min-width:0}
        figcaption{font-weight:600;font-size:.9375rem;overflow-wrap:anywhere}
        .legend{display:flex;flex-wrap:wrap;gap:2px 14px;list-style:none;margin:2px 0 4px;padding:0;\
        font-size:.8125rem;color:var(--soft)}
        .legend li{overflow-wrap:anywhere}
        .legend svg{vertical-align:-1px}
        .scroll{overflow-x:auto;margin:12px 0}
        table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;padding-bottom:4px}
        th,td{padding:4px 14px 4px 0;text-align:left;vertical-align:top;\
        border-bottom:1px solid var(--grid)}
        thead th{color:var(--soft);font-weight:600}
        tbody th{font-weight:500;white-space:nowrap}
        td{white-space:nowrap}td.long{white-space:normal;min-width:30ch;overflow-wrap:anywhere}
        td.hash{font-family:ui-monospace,monospace;font-size:.8125rem;white-space:normal;\
        overflow-wrap:anywhere;min-width:12ch}
        details{margin:10px 0}summary{cursor:pointer;color:var(--s0);width:fit-content}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;font-size:.875rem;margin:8px 0}
        dt{font-weight:600}dd{margin:0}
        pre{overflow:auto;max-height:30em;background:var(--raised);border:1px solid var(--grid);\
        border-radius:8px;padding:12px;font-size:.8125rem;line-height:1.45}
        .film{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(46%,136px),1fr));gap:6px;\
        list-style:none;margin:8px 0;padding:0}
        .film img{display:block;width:100%;height:auto;border-radius:4px;background:var(--raised)}
        .film li{font-size:.8125rem;color:var(--soft)}
        .seen{grid-template-columns:repeat(auto-fill,minmax(64px,1fr))}.seen img{image-rendering:pixelated}
        .film .on img{outline:3px solid var(--shade)}
        .verdict{border:1px solid currentColor;border-radius:4px;padding:0 6px;font-size:.8125rem;\
        font-weight:600;white-space:nowrap}
        .held{color:var(--good)}.failed{color:var(--s1)}
        .data{display:inline-block;margin:2px 16px 2px 0}
        #readout{position:fixed;z-index:2;pointer-events:none;background:var(--raised);\
        color:var(--ink);border:1px solid var(--axis);border-radius:6px;padding:5px 9px;\
        font-size:.8125rem;line-height:1.4;font-variant-numeric:tabular-nums;white-space:pre;\
        max-width:92vw;overflow:hidden}
        footer,main{padding-bottom:48px}
        @media print{#theme,nav,.skip{display:none}details>*{display:block}}
        """
}
