namespace Sightline.Curation;

/// <summary>
/// Phrases that stand under many images and describe none of them, one a line, in lower case: captions of DALL-E's training set that were
/// "mostly boilerplate, such as 'photographed on &lt;date&gt;'" were dropped (Ramesh et al. 2021, appendix A).
/// </summary>
/// <remarks>
/// A blank stands for blanks, hyphens, colons, commas, quotes, brackets and slashes; # for a number (or #, where numbers were taken out);
/// * for one word; at the end ~ for a date, weekday, number or the caption's end, &gt; for up to three words of a name that begins without
/// an article, or none, | for a colon, slash or dash; ^ and $ for the caption's begin and end. The first five bytes of a phrase stand for themselves.
/// </remarks>
internal static class BoilerplateTable
{
    /// <summary>When and how a picture came to be.</summary>
    private const string Dates = """
        photographed on ~
        photographed in ~
        photo taken on ~
        photo taken in ~
        photos taken on ~
        picture taken on ~
        pictures taken on ~
        image taken on ~
        photograph taken on ~
        taken on ~
        captured on ~
        uploaded on ~
        posted on ~
        published on ~
        date taken
        date added
        upload date
        aufgenommen am ~
        fotografiert am ~
        photographié le ~
        photo prise le ~
        prise le ~
        fotografiado el ~
        foto tomada el ~
        fotografado em ~
        fotografato il ~
        foto gemaakt op ~
        снято ~
        """;

    /// <summary>News agencies.</summary>
    private const string News = """
        file photo
        file photograph
        file picture
        file image
        this file photo
        this photo taken
        this picture taken
        this image taken
        this photo released
        this undated
        this handout
        this undated photo
        this photo provided by >
        this image provided by >
        this image released by >
        handout photo
        handout image
        undated photo
        undated image
        undated handout
        ap photo
        afp photo
        epa photo
        reuters photo
        archive photo
        photo file
        """;

    /// <summary>Picture agencies and what they write.</summary>
    private const string Stock = """
        stock photo
        stock photos
        stock photograph
        stock photographs
        stock photography
        stock image
        stock images
        stock picture
        stock pictures
        stock illustration
        stock illustrations
        stock vector
        stock vectors
        stock vector graphic
        stock footage
        stock video
        stock videos
        stock clip
        stock art
        stock snapshot
        stockphoto
        vector stock
        vectorstock
        royalty free
        royaltyfree
        rights managed
        rights reserved
        all rights reserved
        no rights reserved
        some rights reserved
        creative commons
        public domain image
        public domain photo
        high res stock
        high resolution stock
        high resolution photo
        high resolution image
        editorial use only
        for editorial use
        editorial stock
        editorial image
        premium photo
        premium vector
        premium image
        free photo
        free photos
        free vector
        free vectors
        free image
        free images
        free picture
        free pictures
        free stock
        free clipart
        free clip art
        free wallpaper
        free wallpapers
        free download
        free downloads
        free to download
        download free
        download for free
        download now
        download image
        download this
        download royalty
        wallpaper download
        wallpapers download
        download wallpaper
        download wallpapers
        hd wallpaper
        hd wallpapers
        hd pictures
        hd images
        hd video
        hd footage
        hd video footage
        official image
        official images of
        official photo
        wallpaper hd
        wallpapers hd
        full hd wallpaper
        full hd
        wallpapers high quality
        high quality wallpaper
        high quality wallpapers
        wallpaper probably with
        wallpaper possibly with
        wallpaper containing
        desktop wallpaper
        desktop wallpapers
        image id
        photo id
        picture id
        getty images
        getty image
        gettyimages
        shutterstock
        istock
        istockphoto
        alamy
        dreamstime
        depositphotos
        123rf
        fotolia
        adobe stock
        bigstock
        bigstockphoto
        corbis
        wireimage
        filmmagic
        rex features
        pond5
        freepik
        vecteezy
        fotosearch
        canstock
        can stock photo
        agefotostock
        photobucket
        unsplash
        pixabay
        wikimedia commons
        deviantart
        500px
        on flickr
        flickr photo sharing
        photo sharing
        on pinterest
        pinterest
        pin for later
        pin it
        instagram photo
        instagram post
        on instagram
        imgur
        stockfoto
        stockfotos
        stockfotografie
        stockbild
        stockbilder
        stockvektor
        stockillustration
        stockafbeelding
        lizenzfrei
        lizenzfreie
        lizenzfreies
        rechtenvrije
        rechtenvrij
        bildagentur
        alle rechte vorbehalten
        alle rechten voorbehouden
        libre de droits
        libre de droit
        libres de droits
        image d archive
        photo d archive
        photos d archives
        photo de stock
        image de stock
        banque d images
        tous droits réservés
        foto de archivo
        imagen de archivo
        fotos de archivo
        foto de stock
        fotos de stock
        imagen de stock
        banco de imágenes
        banco de imagens
        libre de derechos
        libres de derechos
        todos los derechos reservados
        todos os direitos reservados
        foto stock
        foto d archivio
        fotografia stock
        fotografie stock
        immagine stock
        immagini stock
        tutti i diritti riservati
        zdjęcie stockowe
        zdjęcia stockowe
        wszelkie prawa zastrzeżone
        všechna práva vyhrazena
        stok fotoğraf
        tüm hakları saklıdır
        arkivbild
        alla rättigheter förbehållna
        стоковое фото
        стоковые фото
        стоковое изображение
        стоковые изображения
        стоковая фотография
        стоковая иллюстрация
        векторный клипарт
        архивное фото
        фото из архива
        все права защищены
        всі права захищені
        写真素材
        画像素材
        イラスト素材
        ストックフォト
        ストック写真
        無断転載
        版权所有
        库存照片
        图库照片
        免版税
        图片来源
        스톡 사진
        스톡 이미지
        무단전재
        """;

    /// <summary>Who made or owns it.</summary>
    private const string Credits = """
        photo by >
        photos by >
        photographs by >
        photography by >
        photographed by >
        picture by >
        pictures by >
        image by >
        images by >
        photo courtesy of >
        photos courtesy of >
        photo courtesy >
        picture courtesy of >
        picture courtesy >
        image courtesy of >
        images courtesy of >
        image courtesy >
        courtesy of >
        courtesy photo
        photo credit >
        photo credits >
        image credit >
        image credits >
        picture credit >
        photo source >
        image source >
        photo via >
        image via >
        copyright >
        copyrighted
        bildquelle >
        bildnachweis >
        fotonachweis >
        foto credits >
        crédit photo >
        crédits photo >
        crédit photos >
        """;

    /// <summary>What pages say around pictures.</summary>
    private const string Pages = """
        click on the image
        click on the photo
        click on the picture
        click the image
        click the photo
        click the picture
        click here
        click to *
        click image to *
        click photo to *
        click picture to *
        click on image
        click on photo
        click on picture
        click image
        click photo
        click picture
        click for
        click through
        tap to enlarge
        tap to view
        watch online
        watch full movie
        full movie
        free online
        view larger
        view full size
        view full image
        view full screen
        view image
        view gallery
        view photo
        view photos
        view all
        view more
        view slideshow
        full size image
        enlarge image
        enlarge photo
        enlarge this image
        hover to zoom
        roll over image
        see more
        see more photos of
        see more photos for this
        see all the
        see the pic
        see the pics
        see the photos
        read more
        read the full
        learn more
        find out more
        show more
        more photos
        more images
        more pictures
        more reviews
        more from this
        more info
        more information
        more details
        all the photos from
        all the pictures from
        photo gallery
        image gallery
        picture gallery
        photo # of #
        photos # of #
        image # of #
        picture # of #
        slide # of #
        item # of #
        page # of #
        showing item # of #
        showing # of #
        ^image #$
        ^picture #$
        ^slide #$
        ^figure #$
        ^page #$
        photo #$
        ^photo|
        ^photos|
        ^image|
        ^images|
        ^picture|
        ^video|
        next photo
        previous photo
        the gallery for
        property image #
        property image
        property photo
        property listing
        photo for property listing
        additional photo
        listing photo
        listing image
        this listing is for
        listing$
        visit the link
        visiting the link
        visit our
        link in bio
        link in profile
        official website
        official site
        follow us
        follow me
        subscribe
        share this photo
        share this image
        share this post
        share this picture
        share this|
        on facebook
        on twitter
        on tumblr
        on youtube
        on etsy
        on ebay
        via facebook
        via twitter
        via instagram
        via pinterest
        share on facebook
        share on twitter
        add to cart
        add to basket
        add to wishlist
        buy now
        buy it now
        order now
        shop now
        shop this look
        shop the look
        get one free
        save up to #
        up to # off
        order now for
        on sale now
        for sale by owner
        limited time offer
        while supplies last
        ask owner for
        ask the seller
        as seen in the catalog
        as seen on tv
        check out our
        ^check out
        you can also download
        you can view
        free shipping
        free delivery
        best price
        price on request
        contact us
        for more info
        item number
        product code
        stock code
        stock number
        digital art selected for the
        one of my favorite images
        one of my favorite photos
        one of my favorite pictures
        one of my favourite images
        one of my favourite photos
        one of my favourite pictures
        one of my favorite shots
        my favorite photo
        my favourite photo
        photo of the day
        picture of the day
        image of the day
        photo of the week
        photos and pictures
        photos and images
        pictures and photos
        pictures and images
        images and photos
        images and pictures
        photos pictures
        photos images
        pictures photos
        pictures images
        images photos
        images pictures
        picture of the week
        pictures of the day
        photos of the day
        photos of the week
        klicken sie
        hier klicken
        zum vergrößern
        bild vergrößern
        mehr erfahren
        weiterlesen
        jetzt kaufen
        cliquez
        cliquer pour
        agrandir l image
        en savoir plus
        lire la suite
        voir plus
        haga clic
        haz clic
        clic para ampliar
        ampliar imagen
        ver más
        leer más
        clicca per ingrandire
        clicca qui
        leggi tutto
        scopri di più
        clique para ampliar
        clique aqui
        saiba mais
        leia mais
        klik om te vergroten
        klik hier
        lees meer
        kliknij
        czytaj więcej
        нажмите
        кликните
        увеличить изображение
        читать далее
        点击查看
        点击放大
        クリックで拡大
        """;

    /// <summary>What stands where nobody wrote a text.</summary>
    private const string Alternatives = """
        image may contain
        image contains
        may be an image
        may be a close up
        may be an illustration
        may be a cartoon
        may be art
        may be a graphic
        may be a meme
        no photo description available
        no description available
        no description
        no photo available
        no image available
        no picture available
        no image
        no automatic alt text available
        no alternative text description for this image
        no alternative text
        no alt text provided for this image
        no alt text
        no caption available
        no caption
        no title
        image not available
        image not found
        image unavailable
        image coming soon
        photo not available
        photo unavailable
        photo coming soon
        picture not available
        picture unavailable
        page not found
        default alt text
        default image
        alt text
        alternative text
        enter image description here
        image description
        photo description
        picture description
        placeholder image
        image placeholder
        untitled
        image result for
        image results for
        image result
        search results for
        search result for
        related image
        related images
        similar images
        featured image for
        featured image
        featured photo
        thumbnail for
        thumbnail image
        post image
        blog image
        article image
        header image
        hero image
        profile picture
        profile photo
        profile image
        user avatar
        your browser does not support
        ^advertisement$
        image titled
        step #$
        bild nicht verfügbar
        kein bild
        keine beschreibung
        bildergebnis für
        ohne titel
        image non disponible
        aucune description
        sans titre
        résultat de recherche d images pour
        résultats de recherche d images pour
        imagen no disponible
        sin descripción
        sin título
        resultado de imagen para
        resultado de imagen de
        resultados de la búsqueda de
        immagine non disponibile
        nessuna descrizione
        senza titolo
        risultati immagini per
        risultato immagine per
        imagem não disponível
        nenhuma descrição
        sem título
        resultado de imagem para
        geen beschrijving
        geen afbeelding
        afbeeldingsresultaat voor
        brak opisu
        brak zdjęcia
        bez tytułu
        znalezione obrazy dla zapytania
        картинки по запросу
        без названия
        нет описания
        нет фото
        画像検索結果
        이미지 검색결과
        """;

    internal static IEnumerable<string> All { get; } =
    [
        .. string.Join('\n', Dates, News, Stock, Credits, Pages, Alternatives)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Distinct(StringComparer.Ordinal),
    ];
}
